import { bytes, goDuration, mebibytes, seconds } from '../units';

/** What of Loki's configuration follows the stack. */
export interface LokiSettings {
  /** Memory limit of the pod, e.g. `1Gi`; caches and replay stay within it. */
  memory: string;
  /** How long log lines are kept, e.g. `7d`; Loki's minimum is 24 h. */
  retention: string;
}

/** Where the volume is mounted. */
export const DATA_PATH = '/var/loki';

/**
 * Resource attributes that identify a stream. Each combination of values is a stream of its own, so what
 * grows without bound (pod, instance, trace) is structured metadata instead.
 */
const INDEX_LABELS = [
  'service.name',
  'service.namespace',
  'deployment.environment.name',
  'k8s.cluster.name',
  'k8s.namespace.name',
  'k8s.container.name',
];

/** Older lines than this are refused: a week, or the retention when that is shorter. */
const MAX_SAMPLE_AGE = '7d';

/**
 * Loki's configuration: one process, one tenant, index and chunks on its volume.
 *
 * @see https://grafana.com/docs/loki/latest/configure/
 */
export function lokiConfig({ memory, retention }: LokiSettings) {
  const megabytes = (share: number) => Math.floor((bytes(memory) * share) / 1e6);
  const embeddedCache = (share: number) => ({
    embedded_cache: { enabled: true, max_size_mb: megabytes(share) },
  });
  return {
    auth_enabled: false,
    analytics: { reporting_enabled: false },
    server: {
      http_listen_port: 3100,
      // one process talks to itself only
      grpc_listen_address: '127.0.0.1',
      grpc_server_max_recv_msg_size: 64 * 2 ** 20,
      grpc_server_max_send_msg_size: 64 * 2 ** 20,
      // longer than the longest query
      http_server_read_timeout: '6m',
      http_server_write_timeout: '6m',
    },
    common: {
      path_prefix: DATA_PATH,
      instance_addr: '127.0.0.1',
      replication_factor: 1,
      ring: { kvstore: { store: 'inmemory' } },
      storage: {
        filesystem: { chunks_directory: `${DATA_PATH}/chunks`, rules_directory: `${DATA_PATH}/rules` },
      },
    },
    schema_config: {
      configs: [
        {
          from: '2024-04-01',
          store: 'tsdb',
          object_store: 'filesystem',
          schema: 'v13',
          index: { prefix: 'index_', period: '24h' },
        },
      ],
    },
    ingester: {
      chunk_encoding: 'snappy',
      // nobody else takes over, so there is nothing to wait for
      lifecycler: { min_ready_duration: '0s' },
      wal: {
        enabled: true,
        dir: `${DATA_PATH}/wal`,
        flush_on_shutdown: true,
        replay_memory_ceiling: `${mebibytes(bytes(memory) * 0.4).replace('Mi', 'MB')}`,
      },
    },
    pattern_ingester: { enabled: true, lifecycler: { min_ready_duration: '0s' } },
    compactor: {
      working_directory: `${DATA_PATH}/compactor`,
      retention_enabled: true,
      delete_request_store: 'filesystem',
    },
    limits_config: {
      retention_period: goDuration(retention),
      max_query_lookback: goDuration(retention),
      max_query_length: '0s',
      reject_old_samples: true,
      reject_old_samples_max_age: goDuration(
        seconds(retention) < seconds(MAX_SAMPLE_AGE) ? retention : MAX_SAMPLE_AGE,
      ),
      allow_structured_metadata: true,
      otlp_config: {
        resource_attributes: {
          ignore_defaults: true,
          attributes_config: [{ action: 'index_label', attributes: INDEX_LABELS }],
        },
      },
      ingestion_rate_mb: 32,
      ingestion_burst_size_mb: 64,
      per_stream_rate_limit: '16MB',
      per_stream_rate_limit_burst: '32MB',
      max_global_streams_per_user: 25_000,
      // a long line is cut rather than lost
      max_line_size: '256KB',
      max_line_size_truncate: true,
      max_entries_limit_per_query: 10_000,
      max_query_series: 5_000,
      query_timeout: '5m',
      volume_enabled: true,
      // the API asks for no credentials, so it takes no deletions
      deletion_mode: 'disabled',
    },
    chunk_store_config: { chunk_cache_config: embeddedCache(0.1) },
    query_range: { cache_results: true, results_cache: { cache: embeddedCache(0.05) } },
    frontend: { encoding: 'protobuf' },
    // it does not follow path_prefix, and the root is read-only
    ruler: { rule_path: `${DATA_PATH}/rules-temp`, wal: { dir: `${DATA_PATH}/ruler-wal` } },
  };
}
