import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { renderStack, stackNames } from './rendering';
import { run, say } from './terminal';

run(async () => {
  const { values } = parseArgs({ options: { stack: { type: 'string' }, out: { type: 'string' } } });
  const { stack = '', out = '' } = values;
  const known = stackNames();
  if (!known.includes(stack) || !out) {
    throw new Error(`usage: npm run render -- --stack ${known.join('|')} --out DIR`);
  }
  const { manifests, configs } = await renderStack(stack);
  const files = new Map(Object.entries(manifests).map(([name, text]) => [`manifests/${name}`, text]));
  for (const [component, texts] of Object.entries(configs)) {
    for (const [name, text] of Object.entries(texts)) files.set(`config/${component}/${name}`, text);
  }
  for (const folder of ['manifests', 'config']) rmSync(join(out, folder), { recursive: true, force: true });
  for (const [path, text] of files) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), text);
  }
  say(`${files.size} files in ${out}`);
});
