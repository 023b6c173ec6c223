import * as grpc from '@grpc/grpc-js';
import { EngineClient } from '@pulumi/pulumi/proto/engine_grpc_pb';
import { LogRequest, LogSeverity } from '@pulumi/pulumi/proto/engine_pb';
import pRetry, { AbortError } from 'p-retry';
import { awaitGone, awaitReady, checkReady, NotReadyError, timeoutOf, type Waiting } from './await';
import { ApiError, Cluster } from './cluster';
import {
  annotation,
  fieldManager,
  fromId,
  hasUnknown,
  isOurs,
  toId,
  toInputs,
  toObject,
  toOutputs,
  withDrift,
  type Inputs,
} from './manifest';
import { describe, isNotFound, Objects, type KubeObject, type Ref } from './objects';

/** What the engine asks of a create or an update. */
export interface Operation {
  preview: boolean;
  /** Seconds to wait until the object is ready; 0 for the default. */
  timeout: number;
}

/** The object exists, but is not ready; the engine keeps it in the state. */
export class InitFailedError extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly inputs: object,
    readonly outputs: object,
  ) {
    super(message);
  }
}

const supportedSettings = ['kubeconfig', 'context', 'namespace'];

// deleting them in the foreground ends their pods first, so that volumes are free afterwards
const podOwners = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob'];

/** One configured provider of a stack: the operations on single objects. */
export class Session {
  private engine: EngineClient | undefined;
  private configured: Objects | undefined;
  private interrupt = new AbortController();

  attach(engineAddress: string): void {
    this.engine = new EngineClient(engineAddress, grpc.credentials.createInsecure());
  }

  /** Takes the provider's settings, keyed `kubernetes:config:<name>`. */
  configure(variables: Record<string, string>): void {
    const settings = Object.fromEntries(
      Object.entries(variables).map(([key, value]) => [key.replace('kubernetes:config:', ''), value]),
    );
    for (const name of Object.keys(settings).filter((key) => !supportedSettings.includes(key))) {
      throw new Error(
        `kubernetes:${name} is not supported without the official provider plugin; ` +
          `remove it (supported: ${supportedSettings.join(', ')})`,
      );
    }
    const cluster = new Cluster(settings['kubeconfig'], settings['context']);
    this.configured = new Objects(cluster, settings['namespace'] ?? cluster.namespace);
  }

  /** Makes the object and waits until it is ready. A preview asks the API server in a dry run where it can. */
  async create(urn: string, inputs: Inputs, { preview, timeout }: Operation) {
    const manager = fieldManager(urn);
    if (preview) return { id: '', outputs: await this.previewCreate(inputs, manager) };
    const object = toObject(inputs);
    const ref = await this.whenKnown(urn, async () => {
      const resolved = await this.objects.resolve(refOf(object));
      refuseForeign(await this.objects.get(resolved), resolved, manager);
      return resolved;
    });
    const applied = await this.whenKnown(urn, () => this.apply(ref, object, manager, false));
    return { id: toId(ref), outputs: await this.ready(urn, ref, inputs, applied, timeout) };
  }

  async update(urn: string, inputs: Inputs, { preview, timeout }: Operation): Promise<KubeObject> {
    if (preview && hasUnknown(inputs)) return inputs;
    const object = toObject(inputs);
    const ref = await this.objects.resolve(refOf(object));
    const applied = await this.apply(ref, object, fieldManager(urn), preview);
    return preview ? toOutputs(applied) : this.ready(urn, ref, inputs, applied, timeout);
  }

  /**
   * The object as it is now, undefined when it is gone. Without inputs (an import) they are taken from it, else
   * they come back with what was edited in the cluster.
   */
  async read(urn: string, id: string, type: string, inputs: Inputs | undefined) {
    const imported = !inputs?.kind;
    const ref = imported ? fromId(id, type) : { ...fromId(id, type), ...kindOf(inputs) };
    const live = await this.objects.get(ref);
    if (!live) return undefined;
    const found = {
      id: toId(await this.objects.resolve(ref)),
      inputs: imported ? toInputs(live) : await this.drift(urn, inputs, live),
      outputs: toOutputs(live),
    };
    const { ready, message } = await checkReady(live, this.objects);
    if (!ready) {
      throw new InitFailedError(`${describe(ref)}: ${message}`, found.id, found.inputs, found.outputs);
    }
    return found;
  }

  /** Deletes the object and waits until it is gone, pods included. */
  async delete(urn: string, id: string, type: string, outputs: Inputs, timeout: number): Promise<void> {
    const ref = { ...fromId(id, type), ...(outputs.kind && kindOf(outputs)) };
    const live = await this.objects.get(ref);
    if (!live) return;
    await this.objects.delete(ref, podOwners.includes(ref.kind) ? 'Foreground' : 'Background');
    await awaitGone(ref, live.metadata.uid, this.waiting(urn, ref, timeoutOf(live, timeout)));
  }

  /** Ends all waiting. The engine sends this after every command, so later calls work as before. */
  cancel(): void {
    this.interrupt.abort();
    this.interrupt = new AbortController();
  }

  close(): void {
    this.cancel();
    this.engine?.close();
  }

  private get objects(): Objects {
    if (!this.configured) throw new Error('the Kubernetes provider was called before it was configured');
    return this.configured;
  }

  private async previewCreate(inputs: Inputs, manager: string): Promise<KubeObject> {
    if (hasUnknown(inputs)) return inputs;
    const object = toObject(inputs);
    try {
      const ref = await this.objects.resolve(refOf(object));
      const live = await this.objects.get(ref);
      refuseForeign(live, ref, manager);
      // one that is replaced under its own name is still there: what follows cannot be tried on it
      return live ? inputs : toOutputs(await this.apply(ref, object, manager, true));
    } catch (error) {
      // its namespace or its kind is created by the same update
      if (isNotFound(error)) return inputs;
      throw error;
    }
  }

  /** Tries again while the kind or the namespace of an object is not known to the API server yet. */
  private whenKnown<T>(urn: string, attempt: () => Promise<T>): Promise<T> {
    return pRetry(
      () =>
        attempt().catch((error: Error) => {
          throw isNotFound(error) ? error : new AbortError(error);
        }),
      {
        retries: 6,
        minTimeout: 250,
        onFailedAttempt: ({ message, retriesLeft }) => {
          if (retriesLeft > 0) this.report(urn, message);
        },
      },
    );
  }

  private async apply(ref: Ref, object: KubeObject, manager: string, dryRun: boolean): Promise<KubeObject> {
    try {
      return await this.objects.apply(object, manager, { dryRun });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const message = `${describe(ref)} is refused by the API server: ${error.message}`;
      throw new ApiError(error.status, error.reason, message);
    }
  }

  private async ready(
    urn: string,
    ref: Ref,
    inputs: Inputs,
    applied: KubeObject,
    timeout: number,
  ): Promise<KubeObject> {
    try {
      const waiting = this.waiting(urn, ref, timeoutOf(applied, timeout));
      return toOutputs(await awaitReady(ref, applied, waiting));
    } catch (error) {
      if (!(error instanceof NotReadyError)) throw error;
      throw new InitFailedError(error.message, toId(ref), inputs, toOutputs(error.live));
    }
  }

  private async drift(urn: string, inputs: Inputs, live: KubeObject): Promise<Inputs> {
    try {
      const applied = await this.objects.apply(toObject(inputs), fieldManager(urn), { dryRun: true });
      return withDrift(inputs, live, applied);
    } catch (error) {
      // a fixed field differs, because the object was made anew by someone else: compare without the server
      if (error instanceof ApiError && error.status === 422) return withDrift(inputs, live);
      throw error;
    }
  }

  private waiting(urn: string, ref: Ref, timeout: number): Waiting {
    const report = (message: string) => this.report(urn, `${describe(ref)}: ${message}`);
    return { objects: this.objects, timeout, signal: this.interrupt.signal, report };
  }

  /** Shows a message beside the resource while it is worked on. */
  private report(urn: string, message: string): void {
    const request = new LogRequest().setSeverity(LogSeverity.INFO).setUrn(urn).setMessage(message);
    this.engine?.log(request.setEphemeral(true), () => undefined);
  }
}

function refuseForeign(live: KubeObject | undefined, ref: Ref, manager: string): void {
  if (!live || isOurs(live, manager) || annotation(live, 'pulumi.com/patchForce') === 'true') return;
  const owners = new Set((live.metadata.managedFields ?? []).map((field) => field.manager));
  throw new Error(
    `${describe(ref)} exists already and is not part of this stack (managed by ${[...owners].join(', ')}); ` +
      `delete it, or hand it over: kubectl annotate ${ref.kind.toLowerCase()} ${ref.name} ` +
      `${ref.namespace ? `-n ${ref.namespace} ` : ''}pulumi.com/patchForce=true`,
  );
}

function refOf({ apiVersion, kind, metadata }: KubeObject): Ref {
  return { apiVersion, kind, namespace: metadata.namespace, name: metadata.name! };
}

function kindOf({ apiVersion, kind }: KubeObject): Pick<Ref, 'apiVersion' | 'kind'> {
  return { apiVersion, kind };
}
