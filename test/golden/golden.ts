import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentHash, toYaml } from '../../components/component';
import { renderStack, stackNames } from '../../local/rendering';

/** The golden of a stack: everything it declares, sorted by type and name, with a hash for each dashboard. */
export async function golden(stack: string): Promise<string> {
  const { resources } = await renderStack(stack);
  const sorted = [...resources].sort((a, b) =>
    `${a.type} ${a.name}`.localeCompare(`${b.type} ${b.name}`, 'en'),
  );
  return sorted.map(({ type, name, inputs }) => `# ${type} ${name}\n${toYaml(short(inputs))}`).join('---\n');
}

function short(inputs: Record<string, any>): Record<string, unknown> {
  if (inputs.kind !== 'ConfigMap') return inputs;
  const data = Object.entries(inputs.data as Record<string, string>).map(([file, text]) =>
    file.endsWith('.json') ? [file, `sha256 ${contentHash(text)}`] : [file, text],
  );
  return { ...inputs, data: Object.fromEntries(data) };
}

/** File of a stack's golden. */
export const goldenFile = (stack: string): string => join(__dirname, `${stack}.yaml`);

/** The golden as it was accepted last. */
export const accepted = (stack: string): string => readFileSync(goldenFile(stack), 'utf8');

async function accept(): Promise<void> {
  for (const stack of stackNames()) writeFileSync(goldenFile(stack), await golden(stack));
}

if (require.main === module) void accept();
