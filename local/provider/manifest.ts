import { createHash } from 'node:crypto';
import { changes, setAt, type Path } from './diff';
import type { KubeObject, Metadata, Ref } from './objects';

/** A resource's properties as the program gives them. */
export type Inputs = KubeObject & Record<string, unknown>;

// what the engine sends during a preview for a value that only exists after the update
const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

const autonamed = 'pulumi.com/autonamed';

export function hasUnknown(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(hasUnknown);
  return value === unknown;
}

export function annotation(object: { metadata?: Metadata }, name: string): string | undefined {
  return object.metadata?.annotations?.[name];
}

export function isAutonamed(inputs: Inputs | undefined): boolean {
  return !!inputs && annotation(inputs, autonamed) === 'true';
}

/** The inputs with a name: the given one, else the one given automatically before, else `proposed`. */
export function withName(inputs: Inputs, old: Inputs | undefined, proposed: string): Inputs {
  if (inputs.metadata?.name) return inputs;
  const name = isAutonamed(old) ? old!.metadata.name : proposed;
  const annotations = { ...inputs.metadata?.annotations, [autonamed]: 'true' };
  return { ...inputs, metadata: { ...inputs.metadata, name, annotations } };
}

/** `<name>-<8 hexadecimal digits>`, the same for the same seed. */
export function uniqueName(urn: string, seed: Uint8Array): string {
  const hash = createHash('sha256').update(seed).update(urn);
  return `${urn.split('::').pop()}-${hash.digest('hex').slice(0, 8)}`;
}

/** Fields of an object are owned in the name of its stack, so that no stack takes over what another one made. */
export function fieldManager(urn: string): string {
  const [, stack, project] = /^urn:pulumi:([^:]+)::([^:]+)::/.exec(urn) ?? [];
  return `pulumi/${project}/${stack}`.slice(0, 128);
}

/**
 * Whether an object that is already there may be taken over: it carries the stack's own fields, or the label of
 * something made by Pulumi that no other stack owns. A claim always may, because one that stayed after its
 * component was removed has to come back with its data.
 */
export function isOurs({ kind, metadata }: KubeObject, manager: string): boolean {
  if (kind === 'PersistentVolumeClaim') return true;
  const managers = (metadata.managedFields ?? []).map((field) => field.manager ?? '');
  if (managers.includes(manager)) return true;
  const labelled = metadata.labels?.['app.kubernetes.io/managed-by'] === 'pulumi';
  return labelled && !managers.some((other) => other.startsWith('pulumi'));
}

export function toId({ namespace, name }: Pick<Ref, 'namespace' | 'name'>): string {
  return namespace ? `${namespace}/${name}` : name;
}

/** The object that an id and a type token such as `kubernetes:apps/v1:StatefulSet` name. */
export function fromId(id: string, type: string): Ref {
  const [name = '', namespace] = id.split('/').reverse();
  const [, group = '', kind = ''] = type.split(':');
  return { apiVersion: group.replace(/^core\//, ''), kind, namespace, name };
}

/** What is sent to the API server. */
export function toObject(inputs: Inputs): KubeObject {
  if (inputs.kind === 'CustomResourceDefinition') return renameKeys(inputs, toDashes) as KubeObject;
  if (inputs.kind !== 'Secret' || !inputs['stringData']) return inputs;
  // apply does not remove a key of stringData, because it never becomes a field of the object
  const { stringData, data, ...rest } = inputs;
  const encoded = Object.entries(stringData as Record<string, string>).map(([key, value]) => [
    key,
    Buffer.from(value).toString('base64'),
  ]);
  return { ...rest, data: { ...(data as object), ...Object.fromEntries(encoded) } };
}

/** The live object as the resource's outputs. */
export function toOutputs(live: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = live.metadata;
  const object = { ...live, metadata };
  return live.kind === 'CustomResourceDefinition'
    ? (renameKeys(object, toUnderscores) as KubeObject)
    : object;
}

/** An object nobody gave inputs for (an import) as inputs: without what the server adds. */
export function toInputs(live: KubeObject): Inputs {
  const { status: _, metadata, ...rest } = toOutputs(live);
  const { name, namespace, labels, annotations } = metadata;
  return JSON.parse(
    JSON.stringify({ ...rest, metadata: { name, namespace, labels, annotations } }),
  ) as Inputs;
}

/**
 * The inputs with what was edited in the cluster: each field that applying the inputs again would change gets
 * its live value. `applied` is the result of that apply (a dry run), so defaults and normalized quantities are
 * no drift; without it the given fields are compared literally.
 */
export function withDrift(inputs: Inputs, live: KubeObject, applied?: KubeObject): Inputs {
  const result = structuredClone(inputs);
  const expected = withoutServerFields(applied ?? toObject(inputs));
  const edits = changes(expected, withoutServerFields(live)).filter(
    ({ before }) => applied || before !== undefined,
  );
  // from the end, so that removing one item of a list does not move the others
  for (const { path, after } of edits.reverse()) {
    const [target, value] = toInput(inputs, path, after);
    setAt(result, target, value);
  }
  return result;
}

function toInput({ kind, stringData }: Inputs, path: Path, value: unknown): [Path, unknown] {
  if (kind === 'CustomResourceDefinition') {
    return [
      path.map((segment) => (typeof segment === 'string' ? toUnderscores(segment) : segment)),
      renameKeys(value, toUnderscores),
    ];
  }
  const key = path[1];
  if (kind === 'Secret' && path[0] === 'data' && typeof key === 'string' && key in Object(stringData)) {
    const text = typeof value === 'string' ? Buffer.from(value, 'base64').toString() : undefined;
    return [['stringData', key], text];
  }
  return [path, value];
}

function withoutServerFields(object: KubeObject): Record<string, unknown> {
  const { status: _, metadata, ...rest } = object;
  const { labels, annotations } = metadata;
  return { ...rest, metadata: { labels, annotations } };
}

function toDashes(key: string): string {
  return key.startsWith('x_kubernetes_') ? key.replaceAll('_', '-') : key;
}

function toUnderscores(key: string): string {
  return key.startsWith('x-kubernetes-') ? key.replaceAll('-', '_') : key;
}

function renameKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [rename(key), renameKeys(item, rename)]),
  );
}
