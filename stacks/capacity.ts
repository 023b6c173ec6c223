import { type Resources } from '../components/workload';
import { bytes, gibibytes, mebibytes, seconds } from '../components/units';
import { type Problem, type Settings, type VolumeName, type WorkloadName } from './schema';

const GIB = 2 ** 30;
const DAY = 86_400;

/** Prometheus deletes by size from here on, so that compaction still has room. */
const PROMETHEUS_SIZE_LIMIT = 0.85;

/** Head of uncompressed, uncompacted samples that Prometheus keeps in its write-ahead log, in seconds. */
const PROMETHEUS_WAL = 3 * 3600;

/** Stored bytes per ingested byte, with index, and the share of the volume that data may fill. */
const STORES = {
  /** Compressed chunks and the TSDB index. */
  loki: { ratio: 0.4, fill: 0.8 },
  /** Compressed Parquet blocks with dictionaries. */
  tempo: { ratio: 0.5, fill: 0.8 },
  /** Badger's values and its index by service, operation, tag and duration. */
  jaeger: { ratio: 1, fill: 0.7 },
} as const;

/** Volumes whose size retention does not decide. */
const FIXED: Record<Exclude<VolumeName, keyof typeof STORES | 'prometheus'>, string> = {
  alertmanager: '1Gi',
  collector: '2Gi',
  grafana: '1Gi',
};

const RESOURCES: Record<Exclude<WorkloadName, 'prometheus'>, Resources> = {
  alertmanager: { cpu: '20m', memory: '128Mi' },
  collector: { cpu: '200m', memory: '1Gi' },
  'collector-agent': { cpu: '50m', memory: '256Mi' },
  grafana: { cpu: '100m', memory: '512Mi' },
  jaeger: { cpu: '100m', memory: '768Mi' },
  'kube-state-metrics': { cpu: '20m', memory: '256Mi' },
  loki: { cpu: '200m', memory: '1Gi' },
  'node-exporter': { cpu: '20m', memory: '64Mi' },
  tempo: { cpu: '200m', memory: '1Gi' },
};

/** What a stack needs: sizes for every volume and workload, whether it deploys them or not. */
export interface Capacity {
  /** Size of each claim, e.g. `20Gi`. */
  volumes: Record<VolumeName, string>;
  resources: Record<WorkloadName, Resources>;
  /** Prometheus' `storage.tsdb.retention.size`: at most 85 % of its volume. */
  prometheusSizeLimit: string;
}

/** Bytes that a volume needs for the stack's retention and ingest, with the head room of its product. */
export function needed(volume: VolumeName, { retention, ingest, scrape }: Settings): number {
  switch (volume) {
    case 'prometheus': {
      const samplesPerSecond = ingest.metrics.activeSeries / seconds(scrape.interval);
      // 2 bytes a sample in blocks, the documented upper value; 4 in the write-ahead log
      const stored = samplesPerSecond * (2 * seconds(retention.metrics) + 4 * PROMETHEUS_WAL);
      return stored / PROMETHEUS_SIZE_LIMIT;
    }
    case 'loki':
      return storeBytes(volume, ingest.logs.gbPerDay, retention.logs);
    case 'tempo':
    case 'jaeger':
      return storeBytes(volume, ingest.traces.gbPerDay, retention.traces);
    default:
      return bytes(FIXED[volume]);
  }
}

function storeBytes(store: keyof typeof STORES, gbPerDay: number, retention: string): number {
  const { ratio, fill } = STORES[store];
  // a write-ahead log and blocks that wait for deletion come on top
  return (gbPerDay * 1e9 * (seconds(retention) / DAY) * ratio + 0.5 * GIB) / fill;
}

/** Sizes of all volumes and workloads: what is set, else what retention and ingest need. */
export function capacity(settings: Settings): Capacity {
  const names: VolumeName[] = [
    ...(Object.keys(STORES) as (keyof typeof STORES)[]),
    'prometheus',
    ...fixedNames(),
  ];
  const volumes = Object.fromEntries(
    names.map((name) => [name, settings.volumes[name] ?? gibibytes(needed(name, settings))]),
  ) as Record<VolumeName, string>;
  // the head block takes about 8 KiB a series; the rest is for queries
  const prometheusMemory = 0.75 * GIB + settings.ingest.metrics.activeSeries * 8192;
  const defaults = {
    ...RESOURCES,
    prometheus: { cpu: '250m', memory: mebibytes(prometheusMemory) },
  };
  const resources = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [
      name,
      { ...value, ...settings.resources[name as WorkloadName] },
    ]),
  ) as Record<WorkloadName, Resources>;
  const limit = Math.floor((bytes(volumes.prometheus) * PROMETHEUS_SIZE_LIMIT) / 2 ** 20);
  return { volumes, resources, prometheusSizeLimit: `${limit}MB` };
}

function fixedNames(): (keyof typeof FIXED)[] {
  return Object.keys(FIXED) as (keyof typeof FIXED)[];
}

/** Volumes set too small for what they must hold. */
export function capacityProblems(settings: Settings): Problem[] {
  return Object.entries(settings.volumes).flatMap(([name, size]) => {
    if (size === undefined) return [];
    const need = gibibytes(needed(name as VolumeName, settings));
    if (bytes(size) >= bytes(need)) return [];
    return [
      {
        path: ['volumes', name],
        message: `is too small: ${reason(name as VolumeName, settings)} needs ${need}; use ${need} or more, leave it out, or lower retention or ingest`,
      },
    ];
  });
}

function reason(volume: VolumeName, { retention, ingest }: Settings): string {
  switch (volume) {
    case 'prometheus':
      return `${ingest.metrics.activeSeries} series kept for ${retention.metrics}`;
    case 'loki':
      return `${ingest.logs.gbPerDay} GB of logs a day kept for ${retention.logs}`;
    case 'tempo':
    case 'jaeger':
      return `${ingest.traces.gbPerDay} GB of traces a day kept for ${retention.traces}`;
    default:
      return `the ${volume}'s working data`;
  }
}
