import { stackNames, renderStack } from '../../local/rendering';
import { accepted, golden } from './golden';

// nine renderings of the whole program
jest.setTimeout(120_000);

describe.each(stackNames())('stack %s', (stack) => {
  test('declares what was accepted last; npm run golden accepts a change', async () => {
    expect(await golden(stack)).toBe(accepted(stack));
  });

  test('renders the same bytes every time', async () => {
    const [first, second] = [await renderStack(stack), await renderStack(stack)];
    expect(second.manifests).toEqual(first.manifests);
    expect(second.configs).toEqual(first.configs);
  });
});
