import { z } from 'zod';
import { images } from '../components/images';
import { DURATION, QUANTITY, bytes, seconds } from '../components/units';

/** One thing wrong with the configuration. */
export interface Problem {
  /** Keys from the setting's name inwards, e.g. `['retention', 'logs']`. */
  path: PropertyKey[];
  /** What is wrong, the limit and the way out, to stand after the path and the value. */
  message: string;
  /** The value is not shown. */
  hideValue?: boolean;
}

const wrong = (message: string): { error: string; abort: true } => ({ error: message, abort: true });

const text = (what: string, pattern: RegExp) =>
  z.string(wrong(`must be ${what}`)).regex(pattern, `must be ${what}`);

const flag = (fallback: boolean) => z.boolean(wrong('must be true or false')).default(fallback);

function number(low: number, high: number, unit: string, whole = false) {
  const message = `must be a ${whole ? 'whole ' : ''}number of ${unit} from ${low} to ${high}`;
  const base = z.number(wrong(message)).min(low, message).max(high, message);
  return whole ? base.int(message) : base;
}

function duration(low: string, high: string, reason: string) {
  const shape = 'must be a whole number and a unit of s, m, h, d, w or y, such as 12h or 7d';
  return z
    .string(wrong(shape))
    .regex(DURATION, wrong(shape))
    .refine(
      (value) => seconds(value) >= seconds(low),
      `is shorter than ${reason} of ${low}; use ${low} or more`,
    )
    .refine((value) => seconds(value) <= seconds(high), `is longer than ${high}; use ${high} or less`);
}

function quantity(low: string) {
  const shape = 'must be a whole number and a unit of Ki, Mi, Gi or Ti, such as 20Gi';
  return z
    .string(wrong(shape))
    .regex(QUANTITY, wrong(shape))
    .refine((value) => bytes(value) >= bytes(low), `is less than ${low}; use ${low} or more`);
}

/** An object that takes no key but its own and is empty unless given. */
function group<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, wrong(`must be a map of ${Object.keys(shape).join(', ')}`));
}

const volumeNames = [
  'alertmanager',
  'collector',
  'grafana',
  'jaeger',
  'loki',
  'prometheus',
  'tempo',
] as const;
const workloadNames = [...volumeNames, 'collector-agent', 'kube-state-metrics', 'node-exporter'] as const;

const record = <K extends string, V extends z.ZodType>(names: readonly K[], value: V) =>
  group(Object.fromEntries(names.map((name) => [name, value])) as Record<K, V>);

const cidr = z.union([z.cidrv4(), z.cidrv6()], wrong('must be an address range such as 10.0.0.0/8'));
const cidrs = z
  .array(cidr, wrong('must be a list of address ranges such as 10.0.0.0/8'))
  .min(1, 'must not be empty');
const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];
const label = text(
  'a DNS label: at most 57 lower-case letters, digits and dashes',
  /^[a-z0-9]([a-z0-9-]{0,55}[a-z0-9])?$/,
);
const hostPath = text('an absolute path such as /var/log/pods', /^\/[^:]*$/);

const portRange = 'must be a port from 1 to 65535';
const port = z.int(wrong(portRange)).min(1, portRange).max(65_535, portRange);

const image = group({
  registry: text('a registry host such as mirror.example.com:5000', /^[a-z0-9][a-z0-9.:/-]*$/).optional(),
  repository: text('a repository such as grafana/loki', /^[a-z0-9][a-z0-9._/-]*$/).optional(),
  version: text('an exact version such as 3.7.8, never latest', /^(?!latest$)[\w][\w.-]*$/).optional(),
  digest: text('sha256: and 64 hexadecimal digits', /^sha256:[0-9a-f]{64}$/).optional(),
});

/**
 * The stack configuration: the settings under `observatory:` in `Pulumi.<stack>.yaml`. Strict: an unknown key is an
 * error. Defaults make a small, complete platform.
 */
export const settingsSchema = z.strictObject({
  /** Name of the Kubernetes cluster on every signal. Default: the stack's name. */
  cluster: text('a name of letters, digits, dots, dashes and underscores', /^[\w.-]+$/),

  /** `single`: one replica of each. */
  size: z.enum(['single'], wrong('must be single')).default('single'),

  /** How long each signal is kept; every product's own configuration follows. */
  retention: group({
    metrics: duration('1d', '10y', "Prometheus' sensible minimum").default('7d'),
    logs: duration('24h', '10y', "Loki's minimum").default('7d'),
    traces: duration('1h', '10y', 'the sensible minimum').default('3d'),
  }).prefault({}),

  /** What is expected to arrive: with the retention it gives the size of every volume. */
  ingest: group({
    metrics: group({ activeSeries: number(1000, 20_000_000, 'series', true).default(50_000) }).prefault({}),
    logs: group({ gbPerDay: number(0.01, 10_000, 'gigabytes').default(2) }).prefault({}),
    traces: group({ gbPerDay: number(0.01, 10_000, 'gigabytes').default(1) }).prefault({}),
  }).prefault({}),

  scrape: group({
    /** Time between two scrapes of a target. */
    interval: duration('5s', '2m', 'the minimum').default('30s'),
    /** How late a sample may come and still be stored. */
    outOfOrderWindow: duration('1m', '1d', 'the minimum').default('30m'),
  }).prefault({}),

  storage: group({
    /** `filesystem`: every store keeps its data on its own volume. */
    type: z.enum(['filesystem'], wrong('must be filesystem')).default('filesystem'),
    /** StorageClass of the claims. Default: the cluster's. */
    storageClass: text('the name of a StorageClass', /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/).optional(),
    /** Refuse to delete namespaces and claims until they are unprotected with `pulumi state unprotect`. */
    protect: flag(true),
  }).prefault({}),

  /** Volume sizes that replace what retention and ingest suggest; too small is refused. */
  volumes: record(volumeNames, quantity('1Gi').optional()).prefault({}),

  /** CPU request and memory limit of each workload. */
  resources: record(
    workloadNames,
    group({
      cpu: text('a CPU quantity such as 250m or 2', /^\d+m?$/).optional(),
      memory: quantity('32Mi').optional(),
    }).optional(),
  ).prefault({}),

  /** What is deployed beside the collector, Prometheus, Alertmanager and Loki. */
  components: group({
    agent: flag(true),
    grafana: flag(true),
    jaeger: flag(false),
    kubeStateMetrics: flag(true),
    nodeExporter: flag(true),
    tempo: flag(true),
  }).prefault({}),

  collector: group({
    /** Prints everything that passes through to the collector's own log. */
    debug: flag(false),
    /** Fixed address of the collector's Service, for senders without cluster DNS. */
    clusterIP: z.ipv4(wrong('must be an IPv4 address of the Service range')).optional(),
  }).prefault({}),

  agent: group({
    /** Folder of the node where the kubelet keeps the logs of pods. */
    podLogs: hostPath.default('/var/log/pods'),
    /** Folder of the node for the agent's checkpoints and queue. */
    state: hostPath.default('/var/lib/observatory-agent'),
  }).prefault({}),

  grafana: group({
    adminUser: text('a user name', /^[\w.@-]+$/).default('admin'),
    /** Address under which users reach Grafana, e.g. `https://observe.example.com`. */
    rootUrl: z.url(wrong('must be a URL such as https://observe.example.com')).optional(),
  }).prefault({}),

  /** Set with `pulumi config set --secret`. */
  grafanaAdminPassword: z
    .string(wrong('must be text'))
    .min(8, 'is shorter than 8 characters; use 8 or more')
    .optional(),

  /** Replaces registry, repository, version or digest of an image, or the registry of all. */
  images: group({
    registry: image.shape.registry,
    ...(Object.fromEntries(Object.keys(images).map((name) => [name, image.optional()])) as Record<
      keyof typeof images,
      z.ZodOptional<typeof image>
    >),
  }).prefault({}),

  /** The platform's namespace; the agent's is `<namespace>-agent`. */
  namespace: label.default('observatory'),

  network: group({
    /** Namespaces whose pods may send telemetry. Default: all. */
    applicationNamespaces: z
      .array(label, wrong('must be a list of namespaces'))
      .min(1, 'must not be empty')
      .optional(),
    /** Address ranges of the nodes. Default: the private ranges. */
    nodes: cidrs.default(privateRanges),
    /** Addresses and ports of the API server as pods see them. Default: the private ranges, 443 and 6443. */
    apiServer: group({
      cidrs: cidrs.default(privateRanges),
      ports: z.array(port, wrong('must be a list of ports')).min(1, 'must not be empty').default([443, 6443]),
    }).prefault({}),
  }).prefault({}),
});

/** Checked settings with every default filled in. */
export type Settings = z.output<typeof settingsSchema>;

/** Workloads that keep data on a volume. */
export type VolumeName = (typeof volumeNames)[number];

/** Every workload of the platform. */
export type WorkloadName = (typeof workloadNames)[number];
