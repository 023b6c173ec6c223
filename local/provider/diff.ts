export type Path = (string | number)[];

/** A value that differs. An absent value is undefined. */
export interface Change {
  path: Path;
  before: unknown;
  after: unknown;
}

/** What differs between two JSON values, one entry per leaf; lists are compared by position. */
export function changes(before: unknown, after: unknown, path: Path = []): Change[] {
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }).flatMap((_, i) => changes(before[i], after[i], [...path, i]));
  }
  if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    // null means absent to Kubernetes
    return [...keys].flatMap((key) =>
      changes(before[key] ?? undefined, after[key] ?? undefined, [...path, key]),
    );
  }
  return before === after ? [] : [{ path, before, after }];
}

/** `spec.containers[0].image`, `data["loki.yaml"]`: a path as the engine writes it. */
export function formatPath(path: Path): string {
  return path
    .map((segment, i) => {
      if (typeof segment === 'number') return `[${segment}]`;
      if (/[.[\]"]/.test(segment)) return `["${segment.replaceAll('"', '\\"')}"]`;
      return i === 0 ? segment : `.${segment}`;
    })
    .join('');
}

/** Writes a value into nested objects and lists, making what is missing; undefined removes. */
export function setAt(root: Record<string, unknown>, path: Path, value: unknown): void {
  const last = path.at(-1)!;
  let parent: Record<string | number, unknown> = root;
  for (const [i, segment] of path.slice(0, -1).entries()) {
    parent[segment] ??= typeof path[i + 1] === 'number' ? [] : {};
    parent = parent[segment] as Record<string | number, unknown>;
  }
  if (value !== undefined) parent[last] = value;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
}

const labelSelector = 'spec.selector';

/** Fields that cannot be updated in place, by `apiVersion/kind`: the official provider's list. */
const replacedBy: Record<string, string[]> = {
  'apps/v1/DaemonSet': [labelSelector],
  'apps/v1/Deployment': [labelSelector],
  'apps/v1/StatefulSet': [
    'spec.podManagementPolicy',
    'spec.revisionHistoryLimit',
    labelSelector,
    'spec.serviceName',
    'spec.volumeClaimTemplates',
  ],
  'batch/v1/Job': ['spec.completions', 'spec.parallelism', labelSelector, 'spec.template'],
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': ['roleRef'],
  'rbac.authorization.k8s.io/v1/RoleBinding': ['roleRef'],
  'storage.k8s.io/v1/StorageClass': ['parameters', 'provisioner', 'volumeBindingMode', 'reclaimPolicy'],
  'v1/ConfigMap': ['binaryData', 'data'],
  'v1/PersistentVolume': ['spec.csi', 'spec.hostPath', 'spec.local', 'spec.nfs', 'spec.volumeMode'],
  'v1/PersistentVolumeClaim': ['spec.accessModes', labelSelector, 'spec.storageClassName', 'spec.volumeName'],
  'v1/Pod': ['spec'],
  'v1/ResourceQuota': ['spec.scopes'],
  'v1/Secret': ['type', 'stringData', 'data'],
  'v1/Service': ['spec.clusterIP'],
};

/** Whether a changed field needs a new object instead of an update. */
export function replaces(apiVersion: string, kind: string, path: Path): boolean {
  const fields = ['metadata.name', 'metadata.namespace', ...(replacedBy[`${apiVersion}/${kind}`] ?? [])];
  return fields.some((field) => field.split('.').every((segment, i) => path[i] === segment));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
