import { bytes } from './units';

/** Ports of every OpenTelemetry Collector: its own metrics and its health. */
export const OTELCOL_PORTS = { metrics: 8888, health: 13133 };

/**
 * The memory limiter for a pod's memory: it refuses data from 64 % on, so that senders hold and repeat it, and
 * forces a collection from 80 % on.
 *
 * @see https://pkg.go.dev/go.opentelemetry.io/collector/processor/memorylimiterprocessor
 */
export function memoryLimiter(memory: string) {
  const mebibytes = bytes(memory) / 2 ** 20;
  return {
    check_interval: '1s',
    limit_mib: Math.floor(mebibytes * 0.8),
    spike_limit_mib: Math.floor(mebibytes * 0.16),
  };
}

/** Storage of queues and checkpoints in a folder, which shrinks again after an outage. */
export function fileStorage(directory: string) {
  return {
    directory,
    create_directory: true,
    // a file that a crash of the machine broke is set aside, rather than keeping the collector down
    recreate: true,
    compaction: { directory, on_start: true, on_rebound: true, cleanup_on_start: true },
  };
}

/**
 * A queue on disk that is batched as it is read. What does not fit is refused at once and stays with its sender,
 * which tries again; a sender that is made to wait gives up, and holds memory here until it does.
 *
 * @param size bytes that may wait
 */
export function persistentQueue(size: number) {
  return {
    sending_queue: {
      storage: 'file_storage',
      sizer: 'bytes',
      queue_size: size,
      block_on_overflow: false,
      // below the 4 MiB that gRPC servers take by default
      batch: { flush_timeout: '200ms', min_size: 2 ** 20, max_size: 3 * 2 ** 20 },
    },
    // an outage ends when it ends: what is queued waits for it
    retry_on_failure: { max_elapsed_time: '0s' },
  };
}

/** The collector's own logs and metrics. It sends no traces of itself: they would come back to it for ever. */
export const telemetry = {
  // without the resource, which is the same on every line
  logs: { encoding: 'json', disable_zap_resource: true },
  metrics: {
    readers: [
      {
        pull: {
          exporter: {
            prometheus: {
              host: '0.0.0.0',
              port: OTELCOL_PORTS.metrics,
              without_scope_info: true,
              // the default names a counter `_total` only for scrapers that ask for OpenMetrics
              without_type_suffix: false,
              without_units: false,
            },
          },
        },
      },
    ],
  },
};
