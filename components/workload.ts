import type { types } from '@pulumi/kubernetes';
import type { Input } from '@pulumi/pulumi';
import { bytes, mebibytes } from './units';

type PodSpec = types.input.core.v1.PodSpec;
type Probe = types.input.core.v1.Probe;
type Volume = types.input.core.v1.Volume;

/** CPU request (`250m`) and memory, which is request and limit at once (`512Mi`). */
export interface Resources {
  cpu: string;
  memory: string;
}

/** A container port; the name is what Services, policies and Prometheus refer to (15 characters at most). */
export interface Port {
  name: string;
  port: number;
  protocol?: 'TCP' | 'UDP';
}

/** A file system that a pod mounts: configuration, secret, scratch space, the data volume or a host's folder. */
export type Mount = { path: string; subPath?: string } & (
  | { config: string }
  | { secret: Input<string> }
  /** Memory or disk that goes with the pod, e.g. `64Mi`. */
  | { scratch: string; sizeLimit: string }
  /** The claim template's name on a StatefulSet. */
  | { data: 'data' }
  /** A folder of the node: for the agent's namespace only. */
  | { host: string; writable?: boolean; create?: boolean; propagation?: 'HostToContainer' }
);

/** One container in one pod, before the conventions of {@link podTemplate}. */
export interface Workload {
  component: string;
  image: string;
  args: string[];
  /** Plain values; a secret is a mounted file. */
  env?: Record<string, string>;
  /** Environment from the pod's own fields: `{ NODE_NAME: 'spec.nodeName' }`. */
  fieldEnv?: Record<string, string>;
  ports: Port[];
  probes: { startup?: Probe; readiness: Probe; liveness: Probe };
  resources: Resources;
  /** Numeric user and group that the image is made for; 0 only for the agent. */
  uid: number;
  mounts?: Mount[];
  /** Content hash of everything mounted: a change rolls the pod. */
  configHash: string;
  serviceAccount: Input<string>;
  /** Mounts the ServiceAccount's token: only for what talks to the API server. Default false. */
  apiAccess?: boolean;
  /** The process is a Go program and gets GOMEMLIMIT at 80 % of its memory limit. Default true. */
  go?: boolean;
  /** Default 30 s. */
  terminationGracePeriodSeconds?: number;
  /** Node agents share the node's network or process table and run on every node. */
  node?: { hostNetwork?: boolean; hostPID?: boolean };
}

/** An HTTP GET probe on a named port. Defaults: every 10 s, 3 failures, 5 s time-out. */
export function httpProbe(path: string, port: string, overrides: Partial<Probe> = {}): Probe {
  return { httpGet: { path, port }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3, ...overrides };
}

function volumeName(mount: Mount): string {
  if ('data' in mount) return mount.data;
  if ('scratch' in mount) return mount.scratch;
  return mount.path.replace(/^\//, '').replace(/[^a-z0-9]+/g, '-');
}

function volume(mount: Mount): Volume[] {
  const name = volumeName(mount);
  if ('config' in mount) return [{ name, configMap: { name: mount.config } }];
  if ('secret' in mount) return [{ name, secret: { secretName: mount.secret, defaultMode: 0o440 } }];
  if ('scratch' in mount) return [{ name, emptyDir: { sizeLimit: mount.sizeLimit } }];
  if ('host' in mount)
    return [{ name, hostPath: { path: mount.host, type: mount.create ? 'DirectoryOrCreate' : 'Directory' } }];
  return []; // the claim template brings the volume
}

function volumeMount(mount: Mount): types.input.core.v1.VolumeMount {
  const writable = 'data' in mount || 'scratch' in mount || ('host' in mount && mount.writable === true);
  return {
    name: volumeName(mount),
    mountPath: mount.path,
    ...(mount.subPath && { subPath: mount.subPath }),
    ...('host' in mount && mount.propagation && { mountPropagation: mount.propagation }),
    readOnly: !writable,
  };
}

/** GOMEMLIMIT for a memory limit: 80 %, so that the collector runs before the kernel kills. */
export function goMemoryLimit(memory: string): string {
  return `${mebibytes(bytes(memory) * 0.8)}B`;
}

/**
 * The pod template with the conventions of the platform: numeric non-root user, seccomp RuntimeDefault, no
 * capability, no escalation, read-only root, requests and a memory limit, no ServiceAccount token unless asked for.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function podTemplate(
  workload: Workload,
  labels: Record<string, string>,
): types.input.core.v1.PodTemplateSpec {
  const { uid, resources, mounts = [], node } = workload;
  const identity = { runAsUser: uid, runAsGroup: uid, runAsNonRoot: uid !== 0 };
  const env = Object.entries({
    ...(workload.go !== false && { GOMEMLIMIT: goMemoryLimit(resources.memory) }),
    ...workload.env,
  }).map(([name, value]) => ({ name, value }));
  const fieldEnv = Object.entries(workload.fieldEnv ?? {}).map(([name, fieldPath]) => ({
    name,
    valueFrom: { fieldRef: { fieldPath } },
  }));
  const spec: PodSpec = {
    serviceAccountName: workload.serviceAccount,
    automountServiceAccountToken: workload.apiAccess === true,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: workload.terminationGracePeriodSeconds ?? 30,
    securityContext: {
      ...identity,
      fsGroup: uid,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(node && { tolerations: [{ operator: 'Exists' }], ...node }),
    containers: [
      {
        name: workload.component,
        image: workload.image,
        imagePullPolicy: 'IfNotPresent',
        args: workload.args,
        env: [...env, ...fieldEnv],
        ports: workload.ports.map(({ name, port, protocol = 'TCP' }) => ({
          name,
          containerPort: port,
          protocol,
        })),
        ...(workload.probes.startup && { startupProbe: workload.probes.startup }),
        readinessProbe: workload.probes.readiness,
        livenessProbe: workload.probes.liveness,
        resources: {
          requests: { cpu: resources.cpu, memory: resources.memory },
          limits: { memory: resources.memory },
        },
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: true,
        },
        volumeMounts: mounts.map(volumeMount),
      },
    ],
    volumes: mounts.flatMap(volume),
  };
  return {
    metadata: {
      labels,
      annotations: {
        'observatory/config-hash': workload.configHash,
        // its logs go by the component's name, not by the instance label that all components share
        'resource.opentelemetry.io/service.name': workload.component,
      },
    },
    spec,
  };
}
