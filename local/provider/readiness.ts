import type { V1Pod } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { KubeObject } from './objects';

/** Whether an object does what it is for, and what is still missing. */
export interface Readiness {
  ready: boolean;
  message: string;
  /** It will not become ready by itself. */
  failed?: boolean;
}

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

type Counters = Record<string, number | string | undefined>;

const ready: Readiness = { ready: true, message: 'ready' };

/** Judges by the object's own status; kinds that are ready as soon as they exist are. */
export function readiness(object: KubeObject): Readiness {
  const status = (object['status'] ?? {}) as Counters;
  switch (object.kind) {
    case 'Deployment':
      return observed(object, () => deployment(object, status));
    case 'StatefulSet':
      return observed(object, () => statefulSet(object, status));
    case 'DaemonSet':
      return observed(object, () => {
        const wanted = Number(status['desiredNumberScheduled'] ?? 0);
        return pods(wanted, status['updatedNumberScheduled'], status['numberAvailable']);
      });
    case 'Job':
      return job(object);
    case 'PersistentVolumeClaim':
      return status['phase'] === 'Bound' ? ready : { ready: false, message: `not bound, ${status['phase']}` };
    case 'CustomResourceDefinition':
      return condition(object, 'Established')?.status === 'True'
        ? ready
        : { ready: false, message: 'its kind is not served yet' };
    default:
      return ready;
  }
}

/** Why a pod is not ready, naming the container; undefined when it is. */
export function podProblem(pod: V1Pod): string | undefined {
  const conditions = pod.status?.conditions ?? [];
  const holds = (type: string) => conditions.some((c) => c.type === type && c.status === 'True');
  if (holds('Ready') || pod.status?.phase === 'Succeeded') return undefined;
  const unscheduled = conditions.find((c) => c.type === 'PodScheduled' && c.status === 'False');
  if (unscheduled) return `${pod.metadata?.name} is not scheduled: ${unscheduled.message}`;
  const problems = containers(pod).map(({ name, state, lastState, restartCount, ready: isReady }) => {
    const last = lastState?.terminated;
    const before = last ? ` (exit code ${last.exitCode}, ${last.reason}, ${restartCount} restarts)` : '';
    if (state?.waiting) {
      return `${name} ${[state.waiting.reason, state.waiting.message].filter(Boolean).join(': ')}${before}`;
    }
    if (state?.terminated && state.terminated.exitCode !== 0) {
      return `${name} ended with exit code ${state.terminated.exitCode}, ${state.terminated.reason}`;
    }
    return state?.running && !isReady ? `${name} is running, not ready${before}` : undefined;
  });
  // an init container holds back all others: the first problem is the one to solve
  const problem = problems.find(Boolean) ?? pod.status?.reason ?? pod.status?.phase ?? 'Pending';
  return `${pod.metadata?.name} ${problem}`;
}

/** The containers whose log tells why a pod is not ready, and whether it is the log of an earlier run. */
export function failingContainers(pod: V1Pod): { name: string; previous: boolean }[] {
  return containers(pod)
    .filter(({ ready: isReady, state }) => !isReady && state?.terminated?.exitCode !== 0)
    .filter(({ state, lastState }) => state?.running || state?.terminated || lastState?.terminated)
    .map(({ name, state }) => ({ name, previous: !!state?.waiting }));
}

function containers({ status }: V1Pod) {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

/** A status that speaks of an earlier generation says nothing about what was just applied. */
function observed({ metadata, status }: KubeObject, judge: () => Readiness): Readiness {
  const generation = (status as Counters | undefined)?.['observedGeneration'] ?? 0;
  return Number(generation) >= (metadata.generation ?? 0)
    ? judge()
    : { ready: false, message: 'its controller has not seen it yet' };
}

function deployment(object: KubeObject, status: Counters): Readiness {
  const progressing = condition(object, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    return { ready: false, failed: true, message: progressing.message ?? progressing.reason };
  }
  const wanted = replicas(object);
  const old = Number(status['replicas'] ?? 0) - Number(status['updatedReplicas'] ?? 0);
  const current = pods(wanted, status['updatedReplicas'], status['availableReplicas']);
  if (current.ready && old > 0) return { ready: false, message: `${old} old pods still to end` };
  return current;
}

function statefulSet(object: KubeObject, status: Counters): Readiness {
  const { updateStrategy } = object['spec'] as { updateStrategy?: { type?: string } };
  const rolls = updateStrategy?.type !== 'OnDelete';
  const updated =
    rolls && status['currentRevision'] !== status['updateRevision']
      ? status['updatedReplicas']
      : status['replicas'];
  return pods(replicas(object), updated, status['readyReplicas']);
}

function job(object: KubeObject): Readiness {
  if (condition(object, 'Complete')?.status === 'True') return ready;
  const failure = condition(object, 'Failed');
  if (failure?.status === 'True') {
    return { ready: false, failed: true, message: `failed: ${failure.reason}: ${failure.message}` };
  }
  const { suspend } = object['spec'] as { suspend?: boolean };
  return suspend ? ready : { ready: false, message: 'not complete' };
}

function pods(wanted: number, updated: number | string = 0, available: number | string = 0): Readiness {
  if (Number(updated) < wanted) {
    return { ready: false, message: `${updated} of ${wanted} pods have the new template` };
  }
  return { ready: Number(available) >= wanted, message: `${available} of ${wanted} pods ready` };
}

function replicas({ spec }: KubeObject): number {
  return (spec as { replicas?: number } | undefined)?.replicas ?? 1;
}

function condition(object: KubeObject, type: string): Condition | undefined {
  const { conditions = [] } = (object['status'] ?? {}) as { conditions?: Condition[] };
  return conditions.find((candidate) => candidate.type === type);
}
