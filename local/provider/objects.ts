import { ApiError, type Cluster } from './cluster';

/** A Kubernetes object as JSON. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  [field: string]: unknown;
}

export interface Metadata {
  name?: string;
  namespace?: string;
  uid?: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  managedFields?: { manager?: string }[];
  [field: string]: unknown;
}

/** Names one object. The namespace of a cluster-scoped kind is ignored. */
export interface Ref {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
}

interface ApiResource {
  name: string;
  kind: string;
  namespaced: boolean;
}

/** Neither built in nor defined by a CustomResourceDefinition. */
export class UnknownKindError extends Error {
  constructor({ apiVersion, kind }: Pick<Ref, 'apiVersion' | 'kind'>) {
    super(
      `the API server knows no kind "${kind}" in ${apiVersion}; create its CustomResourceDefinition first, ` +
        `and name it in dependsOn`,
    );
  }
}

/** `StatefulSet observatory/loki`, for messages. */
export function describe({ kind, namespace, name }: Omit<Ref, 'apiVersion'>): string {
  return `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
}

export function isNotFound(error: unknown): boolean {
  return error instanceof UnknownKindError || (error instanceof ApiError && error.status === 404);
}

/** Objects of any kind that the server knows; kinds are looked up in its discovery API. */
export class Objects {
  private readonly discovered = new Map<string, Promise<ApiResource[]>>();

  constructor(
    readonly cluster: Cluster,
    /** Where a namespaced object without a namespace goes. */
    private readonly defaultNamespace: string,
  ) {}

  /** The reference with the namespace that the object really has. Throws {@link UnknownKindError}. */
  async resolve(ref: Ref): Promise<Ref> {
    const { namespaced } = await this.resource(ref);
    return { ...ref, namespace: namespaced ? ref.namespace || this.defaultNamespace : undefined };
  }

  async get(ref: Ref): Promise<KubeObject | undefined> {
    try {
      return await this.cluster.json<KubeObject>('GET', await this.path(ref));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /**
   * Server-side apply. Takes over fields from other managers: what the program states is what the object gets.
   *
   * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/
   */
  async apply(object: KubeObject, manager: string, { dryRun }: { dryRun: boolean }): Promise<KubeObject> {
    const { apiVersion, kind, metadata } = object;
    const ref = await this.resolve({
      apiVersion,
      kind,
      namespace: metadata.namespace,
      name: metadata.name!,
    });
    return this.cluster.json<KubeObject>('PATCH', await this.path(ref), {
      query: { fieldManager: manager, force: 'true', ...(dryRun && { dryRun: 'All' }) },
      body: { ...object, metadata: { ...metadata, namespace: ref.namespace } },
      contentType: 'application/apply-patch+yaml',
    });
  }

  async delete(ref: Ref, propagationPolicy: 'Foreground' | 'Background'): Promise<void> {
    await this.cluster.json('DELETE', await this.path(ref), { body: { propagationPolicy } });
  }

  async list<T>(collection: Omit<Ref, 'name'>, query: Record<string, string>): Promise<T[]> {
    const path = await this.path({ ...collection, name: '' });
    return (await this.cluster.json<{ items: T[] }>('GET', path, { query })).items;
  }

  private async path(ref: Ref): Promise<string> {
    const { name } = await this.resource(ref);
    const { namespace } = await this.resolve(ref);
    const segments = [...(namespace ? ['namespaces', namespace] : []), name, ...(ref.name ? [ref.name] : [])];
    return `${groupPath(ref.apiVersion)}/${segments.map(encodeURIComponent).join('/')}`;
  }

  private async resource({ apiVersion, kind }: Pick<Ref, 'apiVersion' | 'kind'>): Promise<ApiResource> {
    const find = async () => (await this.discover(apiVersion)).find((known) => known.kind === kind);
    let resource = await find();
    if (!resource) {
      // its definition may have been created since
      this.discovered.delete(apiVersion);
      resource = await find();
    }
    if (!resource) throw new UnknownKindError({ apiVersion, kind });
    return resource;
  }

  private discover(apiVersion: string): Promise<ApiResource[]> {
    let resources = this.discovered.get(apiVersion);
    if (!resources) {
      resources = this.cluster
        .json<{ resources: ApiResource[] }>('GET', groupPath(apiVersion))
        // names with a slash are subresources
        .then((list) => list.resources.filter(({ name }) => !name.includes('/')))
        .catch((error) => {
          this.discovered.delete(apiVersion);
          if (isNotFound(error)) return [];
          throw error;
        });
      this.discovered.set(apiVersion, resources);
    }
    return resources;
  }
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
