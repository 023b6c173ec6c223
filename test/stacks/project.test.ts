import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from '../../local/paths';
import { stackNames } from '../../local/rendering';
import { settingsSchema } from '../../stacks/schema';

const project = parse(readFileSync(join(ROOT, 'Pulumi.yaml'), 'utf8')) as {
  config: Record<string, { type: string; default: unknown; secret?: boolean }>;
};

test('Pulumi.yaml declares every setting with the type of the schema', () => {
  const { properties } = z.toJSONSchema(settingsSchema, { io: 'input' });
  const types = Object.entries(properties!).map(([name, schema]) => [
    name,
    (schema as { type: string }).type,
  ]);
  expect(Object.entries(project.config).map(([name, { type }]) => [name, type])).toEqual(types.sort());
});

test('Pulumi.yaml leaves every default to the schema', () => {
  const defaults = Object.values(project.config).map((setting) => setting.default);
  expect(defaults.filter((value) => value !== '' && JSON.stringify(value) !== '{}')).toEqual([]);
});

test('the stacks of the README are there', () => {
  expect(stackNames().sort()).toEqual(['dev', 'local', 'prod']);
});
