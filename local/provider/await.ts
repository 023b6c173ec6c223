import { setTimeout as sleep } from 'node:timers/promises';
import type { CoreV1Event, V1EndpointSlice, V1Pod } from '@kubernetes/client-node' with {
  'resolution-mode': 'import',
};
import { annotation } from './manifest';
import { describe, type KubeObject, type Objects, type Ref } from './objects';
import { failingContainers, podProblem, readiness, type Readiness } from './readiness';

/** How to wait: until when, and whom to tell what is still missing. */
export interface Waiting {
  objects: Objects;
  /** Seconds. */
  timeout: number;
  signal: AbortSignal;
  /** Called whenever what is missing changes. */
  report: (message: string) => void;
}

/** The object exists, but is not ready; `live` is how it was seen last. */
export class NotReadyError extends Error {
  constructor(
    message: string,
    readonly live: KubeObject,
  ) {
    super(message);
  }
}

const defaultTimeout = 600;
const interval = 1000;
const logLines = 5;

/** Seconds: `customTimeouts` of the resource, else the annotation `pulumi.com/timeoutSeconds`, else ten minutes. */
export function timeoutOf(object: KubeObject, customTimeout: number): number {
  return customTimeout || Number(annotation(object, 'pulumi.com/timeoutSeconds')) || defaultTimeout;
}

/** Waits until the object is ready and returns it. Throws {@link NotReadyError}. */
export async function awaitReady(ref: Ref, applied: KubeObject, waiting: Waiting): Promise<KubeObject> {
  let live = applied;
  const failure = await poll(waiting, async () => {
    const current = await waiting.objects.get(ref);
    if (!current) return { ready: false, failed: true, message: 'was deleted meanwhile' };
    live = current;
    return checkReady(live, waiting.objects);
  });
  if (!failure) return live;
  const logs = await lastLogs(live, waiting.objects);
  throw new NotReadyError([`${describe(ref)}: ${failure}`, ...logs].join('\n'), live);
}

/** Whether the object is ready at this moment, with the pods, claims or endpoints that it depends on. */
export async function checkReady(live: KubeObject, objects: Objects): Promise<Readiness> {
  if (annotation(live, 'pulumi.com/skipAwait') === 'true') return { ready: true, message: 'not awaited' };
  if (live.kind === 'Service') return serviceReady(live, objects);
  const state = readiness(live);
  if (state.ready) return state;
  if (live.kind === 'PersistentVolumeClaim' && (await bindsToFirstConsumer(live, objects))) {
    return { ready: true, message: 'bound with its first pod' };
  }
  return { ...state, message: [state.message, ...(await podProblems(live, objects))].join('; ') };
}

/** Waits until the object is gone, or another one has its name. */
export async function awaitGone(ref: Ref, uid: string | undefined, waiting: Waiting): Promise<void> {
  const failure = await poll(waiting, async () => {
    const live = await waiting.objects.get(ref);
    if (!live || live.metadata.uid !== uid) return { ready: true, message: 'gone' };
    const { conditions = [] } = (live['status'] ?? {}) as {
      conditions?: { status: string; message: string }[];
    };
    const remaining = live.kind === 'Namespace' ? conditions.filter(({ status }) => status === 'True') : [];
    const reasons = [
      ...(live.metadata.finalizers ?? []).map((name) => `finalizer ${name}`),
      ...remaining.map(({ message }) => message),
    ];
    return { ready: false, message: ['being deleted', ...reasons].join('; ') };
  });
  if (failure) throw new Error(`${describe(ref)}: ${failure}`);
}

/** Returns what is missing when time is up, nothing is to be expected any more, or the command was cancelled. */
async function poll(
  { timeout, signal, report }: Waiting,
  check: () => Promise<Readiness>,
): Promise<string | undefined> {
  const end = Date.now() + timeout * 1000;
  let reported = '';
  for (;;) {
    const { ready, failed, message } = await check();
    if (ready) return undefined;
    if (failed) return message;
    if (signal.aborted) return `cancelled while waiting: ${message}`;
    if (Date.now() > end) {
      return `not there after ${timeout} s (annotation pulumi.com/timeoutSeconds allows more): ${message}`;
    }
    if (message !== reported) report(message);
    reported = message;
    await sleep(interval, undefined, { signal }).catch(() => undefined);
  }
}

async function serviceReady(service: KubeObject, objects: Objects): Promise<Readiness> {
  const { selector, clusterIP, type } = service['spec'] as Record<string, unknown>;
  if (!selector || Object.keys(selector).length === 0 || clusterIP === 'None' || type === 'ExternalName') {
    return { ready: true, message: 'needs no endpoint' };
  }
  const slices = await objects.list<V1EndpointSlice>(
    { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace: service.metadata.namespace },
    { labelSelector: `kubernetes.io/service-name=${service.metadata.name}` },
  );
  const endpoints = slices.flatMap((slice) => slice.endpoints ?? []);
  if (endpoints.some(({ conditions }) => conditions?.ready !== false))
    return { ready: true, message: 'ready' };
  const missing = `none of its ${endpoints.length} endpoints is ready`;
  return { ready: false, message: [missing, ...(await podProblems(service, objects))].join('; ') };
}

async function bindsToFirstConsumer(claim: KubeObject, objects: Objects): Promise<boolean> {
  const { storageClassName } = claim['spec'] as { storageClassName?: string };
  if (!storageClassName) return false;
  const ref = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', name: storageClassName };
  return (await objects.get(ref))?.['volumeBindingMode'] === 'WaitForFirstConsumer';
}

/** What holds its pods back; where it has none, the newest warning about the object itself. */
async function podProblems(owner: KubeObject, objects: Objects): Promise<string[]> {
  const pods = await podsOf(owner, objects);
  if (pods.length > 0) return pods.flatMap((pod) => podProblem(pod) ?? []);
  const events = await objects.list<CoreV1Event>(
    { apiVersion: 'v1', kind: 'Event', namespace: owner.metadata.namespace },
    { fieldSelector: `involvedObject.uid=${owner.metadata.uid},type=Warning` },
  );
  return events.slice(-1).map(({ reason, message }) => `${reason}: ${message}`);
}

async function lastLogs(owner: KubeObject, objects: Objects): Promise<string[]> {
  const pods = (await podsOf(owner, objects)).filter((pod) => podProblem(pod)).slice(0, 3);
  const logs = pods.flatMap((pod) =>
    failingContainers(pod).map(async ({ name, previous }) => {
      const { namespace, name: podName } = pod.metadata!;
      const path = `/api/v1/namespaces/${namespace}/pods/${podName}/log`;
      const query = { container: name, tailLines: String(logLines), ...(previous && { previous: 'true' }) };
      const text = await objects.cluster.text('GET', path, { query }).catch((error: Error) => error.message);
      const lines = text.trimEnd() || '(it wrote nothing)';
      return `last lines of ${podName}/${name}:\n${lines.replace(/^/gm, '  ')}`;
    }),
  );
  return Promise.all(logs);
}

async function podsOf(owner: KubeObject, objects: Objects): Promise<V1Pod[]> {
  const { selector } = (owner['spec'] ?? {}) as { selector?: Record<string, unknown> };
  const labels = (owner.kind === 'Service' ? selector : selector?.['matchLabels']) as
    Record<string, string> | undefined;
  if (!labels || owner.kind === 'PersistentVolumeClaim') return [];
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  return objects.list<V1Pod>(
    { apiVersion: 'v1', kind: 'Pod', namespace: owner.metadata.namespace },
    { labelSelector },
  );
}
