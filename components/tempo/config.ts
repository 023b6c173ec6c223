import { bytes, goDuration } from '../units';

/** What of Tempo's configuration follows the stack. */
export interface TempoSettings {
  /** Memory limit of the pod, e.g. `1Gi`. */
  memory: string;
  /** How long traces are kept, e.g. `3d`. */
  retention: string;
}

/** Where the volume is mounted; Tempo 3 keeps every file of its own below it. */
export const DATA_PATH = '/var/tempo';

/**
 * Tempo 3's configuration: target `all`, one process without Kafka, blocks on its volume. Span metrics and the
 * service graph are the collector's, so the metrics generator stays unconfigured.
 *
 * @see https://grafana.com/docs/tempo/latest/configuration/
 */
export function tempoConfig({ memory, retention }: TempoSettings) {
  const blockRetention = goDuration(retention);
  return {
    target: 'all',
    usage_report: { reporting_enabled: false },
    // Grafana streams search results over the HTTP port
    stream_over_http_enabled: true,
    server: { http_listen_port: 3200, grpc_listen_address: '127.0.0.1' },
    distributor: { receivers: { otlp: { protocols: { grpc: { endpoint: '0.0.0.0:4317' } } } } },
    live_store: {
      // a trace can be searched once it has been idle (5 s by default) and this check has seen it
      flush_check_period: '2s',
      max_live_traces_bytes: Math.floor(bytes(memory) * 0.2),
    },
    query_frontend: {
      // the newest spans are found too; its default hides half a minute
      query_end_cutoff: '1s',
      // a range longer than the retention finds what there is; with a limit it is an error
      search: { max_duration: '0s' },
      metrics: { max_duration: '0s' },
    },
    backend_scheduler: {
      provider: { compaction: { compaction: { block_retention: blockRetention } } },
    },
    // retention is enforced by the worker
    backend_worker: {
      compaction: { block_retention: blockRetention },
      // a compaction that is cut short is done again; the default holds up every restart for 30 s
      finish_on_shutdown_timeout: '5s',
    },
    storage: {
      trace: {
        backend: 'local',
        local: { path: `${DATA_PATH}/blocks` },
        wal: { path: `${DATA_PATH}/wal` },
      },
    },
    overrides: {
      defaults: {
        ingestion: { max_traces_per_user: 100_000 },
        global: { max_bytes_per_trace: 20_000_000 },
        // trace ids as logs and exemplars write them
        read: { left_pad_trace_ids: true },
      },
    },
  };
}
