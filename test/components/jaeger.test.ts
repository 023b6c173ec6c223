import { jaegerConfig } from '../../components/jaeger/config';

const config = jaegerConfig({ retention: '3d' });

describe('jaegerConfig', () => {
  test('keeps spans on the volume for as long as the retention says', () => {
    expect(config.extensions.jaeger_storage.backends).toEqual({
      badger: {
        badger: {
          directories: { keys: '/var/jaeger/keys', values: '/var/jaeger/values' },
          ephemeral: false,
          ttl: { spans: '72h' },
        },
      },
    });
    expect(config.extensions.jaeger_query.storage).toEqual({ traces: 'badger' });
    expect(config.exporters).toEqual({ jaeger_storage_exporter: { trace_storage: 'badger' } });
  });

  test('acknowledges a span when it is written: nothing waits in between', () => {
    expect(config.service.pipelines).toEqual({
      traces: {
        receivers: ['otlp'],
        processors: ['memory_limiter'],
        exporters: ['jaeger_storage_exporter'],
      },
    });
  });

  test('answers queries, probes and scrapes from other pods', () => {
    expect(config.extensions.jaeger_query.http).toEqual({ endpoint: '0.0.0.0:16686' });
    expect(config.extensions.healthcheckv2.http).toEqual({ endpoint: '0.0.0.0:13133' });
    expect(config.receivers.otlp.protocols).toEqual({ grpc: { endpoint: '0.0.0.0:4317' } });
    expect(config.service.telemetry.metrics.readers).toEqual([
      { pull: { exporter: { prometheus: { host: '0.0.0.0', port: 8888 } } } },
    ]);
  });
});
