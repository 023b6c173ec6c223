import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { parse, stringify } from 'yaml';
import { platform } from '../stacks/platform';
import { ROOT } from './paths';
import { SECRET_SETTINGS, readSettings } from '../stacks/settings';

const MASK = '(secret)';

/** A resource as the program declares it. */
export interface Declared {
  type: string;
  name: string;
  inputs: Record<string, any>;
}

/** A stack as files: name → text. */
export interface Rendering {
  /** One YAML file per Kubernetes object or cloud resource. */
  manifests: Record<string, string>;
  /** Native configuration files by component. */
  configs: Record<string, Record<string, string>>;
  /** The same as data, in the order of the files. */
  resources: Declared[];
}

/** Names of the stacks that have a `Pulumi.<stack>.yaml`. */
export function stackNames(): string[] {
  return readdirSync(ROOT).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
}

/** The values of `Pulumi.<stack>.yaml`: setting → text, as the engine hands them to a program; secrets are masked. */
export function stackConfig(stack: string): Record<string, string> {
  const { config = {} } = parse(readFileSync(join(ROOT, `Pulumi.${stack}.yaml`), 'utf8')) as {
    config?: Record<string, unknown>;
  };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      if (typeof value === 'object' && value !== null && 'secure' in value) return [key, MASK];
      return [key, typeof value === 'string' ? value : JSON.stringify(value)];
    }),
  );
}

/**
 * Runs the program without engine, cluster or credentials and returns what it declares, deterministic byte for byte.
 * `overrides` replace values of the stack's file.
 *
 * @throws {SettingsError} when the configuration is wrong.
 */
export async function renderStack(stack: string, overrides: Record<string, string> = {}): Promise<Rendering> {
  const secrets = Object.fromEntries(SECRET_SETTINGS.map((name) => [`observatory:${name}`, MASK]));
  pulumi.runtime.setAllConfig({ ...secrets, ...stackConfig(stack), ...overrides }, Object.keys(secrets));
  const resources: Declared[] = [];
  await pulumi.runtime.setMocks(
    {
      call: ({ token }) => {
        throw new Error(`rendering calls no function, but the program calls ${token}`);
      },
      newResource: ({ type, name, inputs, custom }) => {
        if (custom) resources.push({ type, name, inputs: revealed(inputs) as Declared['inputs'] });
        return { id: name, state: { ...inputs, metadata: { name, ...inputs.metadata } } };
      },
    },
    'observatory',
    stack,
    true,
  );
  platform(readSettings());
  await pulumi.runtime.disconnect();
  resources.sort((a, b) => fileName(a).localeCompare(fileName(b), 'en'));
  return {
    resources,
    manifests: Object.fromEntries(
      resources.map((resource) => [fileName(resource), toYaml(masked(resource))]),
    ),
    configs: configs(resources),
  };
}

/** The value with the engine's wrapping of secrets taken off; {@link masked} hides what was in it. */
function revealed(value: unknown): unknown {
  if (pulumi.runtime.isRpcSecret(value)) return revealed(pulumi.runtime.unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revealed(each)]));
}

function toYaml(value: unknown): string {
  return stringify(value, { sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false });
}

function fileName({ type, name }: Declared): string {
  const kind = type.split(':').at(-1)!.toLowerCase();
  return `${kind}-${name}.yaml`;
}

function masked({ inputs, name }: Declared): Record<string, unknown> {
  const object = { ...inputs, metadata: { name, ...inputs.metadata } } as Record<string, any>;
  if (object.kind !== 'Secret') return object;
  for (const field of ['data', 'stringData']) {
    if (object[field])
      object[field] = Object.fromEntries(Object.keys(object[field]).map((key) => [key, MASK]));
  }
  return object;
}

function configs(resources: Declared[]): Rendering['configs'] {
  const found: Rendering['configs'] = {};
  for (const { inputs } of resources.filter(({ inputs: { kind } }) => kind === 'ConfigMap')) {
    const component = inputs.metadata.labels['app.kubernetes.io/name'] as string;
    found[component] = { ...found[component], ...inputs.data };
  }
  return found;
}
