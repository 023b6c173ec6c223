import { goDuration } from '../units';

/** What of Jaeger's configuration follows the stack. */
export interface JaegerSettings {
  /** How long traces are kept, e.g. `3d`. */
  retention: string;
}

/** Where the volume is mounted. */
export const DATA_PATH = '/var/jaeger';

/** Jaeger's ports. */
export const PORTS = { query: 16686, otlp: 4317, health: 13133, metrics: 8888 };

const STORE = 'badger';

/**
 * Jaeger 2's configuration: an OpenTelemetry Collector that writes to Badger on its volume and answers queries.
 * Spans are written before they are acknowledged: the collector has batched them and keeps what is refused.
 *
 * @see https://www.jaegertracing.io/docs/latest/deployment/configuration/
 * @see https://www.jaegertracing.io/docs/latest/storage/badger/
 */
export function jaegerConfig({ retention }: JaegerSettings) {
  return {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query', 'healthcheckv2'],
      pipelines: {
        traces: {
          receivers: ['otlp'],
          processors: ['memory_limiter'],
          exporters: ['jaeger_storage_exporter'],
        },
      },
      telemetry: {
        resource: { 'service.name': 'jaeger' },
        metrics: {
          level: 'detailed',
          readers: [{ pull: { exporter: { prometheus: { host: '0.0.0.0', port: PORTS.metrics } } } }],
        },
      },
    },
    extensions: {
      healthcheckv2: { use_v2: true, http: { endpoint: `0.0.0.0:${PORTS.health}` } },
      jaeger_query: {
        storage: { traces: STORE },
        http: { endpoint: `0.0.0.0:${PORTS.query}` },
        grpc: { endpoint: '127.0.0.1:16685' },
      },
      jaeger_storage: {
        backends: {
          [STORE]: {
            badger: {
              directories: { keys: `${DATA_PATH}/keys`, values: `${DATA_PATH}/values` },
              ephemeral: false,
              ttl: { spans: goDuration(retention) },
            },
          },
        },
      },
    },
    receivers: { otlp: { protocols: { grpc: { endpoint: `0.0.0.0:${PORTS.otlp}` } } } },
    processors: {
      memory_limiter: { check_interval: '1s', limit_percentage: 80, spike_limit_percentage: 20 },
    },
    exporters: { jaeger_storage_exporter: { trace_storage: STORE } },
  };
}
