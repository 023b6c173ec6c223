import { Cluster } from '../../local/provider/cluster';
import { Objects } from '../../local/provider/objects';
import { renderStack, stackNames } from '../../local/rendering';
import { access, command } from '../platform';

// a first start builds what no registry gives
jest.setTimeout(40 * 60_000);

const NAMESPACES = ['dry-run', 'dry-run-agent'];

/** The rendered files of a stack, for review and GitOps. */
describe('rendered manifests', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    await command('start');
    cluster = new Cluster(access.kubeconfig, access.context);
    for (const name of NAMESPACES) {
      await cluster.json('POST', '/api/v1/namespaces', { body: { metadata: { name } } });
    }
  });
  afterAll(async () => {
    for (const name of NAMESPACES) await cluster.json('DELETE', `/api/v1/namespaces/${name}`);
  });

  test.each(stackNames())('of stack %s are accepted by the API server in a dry run', async (stack) => {
    const { resources } = await renderStack(stack, { 'observatory:namespace': NAMESPACES[0]! });
    const objects = new Objects(cluster, 'default');
    const refused: string[] = [];
    for (const { name, inputs } of resources.filter(({ type }) => !type.endsWith(':Namespace'))) {
      const object = { ...inputs, metadata: { name, ...inputs.metadata } } as never;
      await objects
        .apply(object, 'dry-run', { dryRun: true })
        .catch((error: Error) => refused.push(`${name}: ${error.message}`));
    }
    expect(refused).toEqual([]);
  });
});
