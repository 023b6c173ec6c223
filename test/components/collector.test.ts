import { collectorConfig, type CollectorSettings } from '../../components/collector/config';
import type { OtlpBackend } from '../../components/contracts';

const tempo: OtlpBackend = {
  name: 'tempo',
  signal: 'traces',
  protocol: 'grpc',
  endpoint: 'tempo.o.svc:4317',
};
const jaeger: OtlpBackend = {
  name: 'jaeger',
  signal: 'traces',
  protocol: 'grpc',
  endpoint: 'jaeger.o.svc:4317',
};
const loki: OtlpBackend = {
  name: 'loki',
  signal: 'logs',
  protocol: 'http',
  endpoint: 'http://loki.o.svc:3100/otlp',
};

const settings: CollectorSettings = {
  memory: '1Gi',
  volumeSize: '2Gi',
  cluster: 'prod-1',
  namespace: 'observatory',
  scrapeInterval: '30s',
  debug: false,
  traceBackends: [tempo, jaeger],
  logBackends: [loki],
};
const config = collectorConfig(settings);
const { pipelines } = config.service;

describe('collectorConfig', () => {
  test('takes OTLP, Jaeger and Zipkin on all addresses, and no request of a browser', () => {
    expect(config.receivers).toEqual({
      otlp: {
        protocols: {
          grpc: { endpoint: '0.0.0.0:4317', max_recv_msg_size_mib: 16 },
          http: { endpoint: '0.0.0.0:4318' },
        },
      },
      jaeger: {
        protocols: {
          grpc: { endpoint: '0.0.0.0:14250' },
          thrift_http: { endpoint: '0.0.0.0:14268' },
          thrift_compact: { endpoint: '0.0.0.0:6831' },
          thrift_binary: { endpoint: '0.0.0.0:6832' },
        },
      },
      zipkin: { endpoint: '0.0.0.0:9411' },
    });
  });

  test('sends traces to every trace store and to the connectors, logs to Loki, metrics nowhere', () => {
    const enrich = ['memory_limiter', 'k8s_attributes', 'resource'];
    expect(pipelines).toEqual({
      traces: {
        receivers: ['otlp', 'jaeger', 'zipkin'],
        processors: enrich,
        exporters: ['otlp_grpc/tempo', 'otlp_grpc/jaeger', 'span_metrics', 'service_graph'],
      },
      metrics: {
        receivers: ['otlp'],
        processors: [...enrich, 'transform/labels'],
        exporters: ['prometheus'],
      },
      'metrics/spans': {
        receivers: ['span_metrics', 'service_graph'],
        processors: ['transform/service', 'transform/labels'],
        exporters: ['prometheus'],
      },
      logs: { receivers: ['otlp'], processors: enrich, exporters: ['otlp_http/loki'] },
    });
    expect(Object.keys(config.exporters)).toEqual([
      'otlp_grpc/tempo',
      'otlp_grpc/jaeger',
      'otlp_http/loki',
      'prometheus',
    ]);
  });

  test('defines every component that a pipeline names, and no other', () => {
    const defined = {
      receivers: [...Object.keys(config.receivers), ...Object.keys(config.connectors)],
      processors: Object.keys(config.processors),
      exporters: [...Object.keys(config.exporters), ...Object.keys(config.connectors)],
    };
    for (const kind of ['receivers', 'processors', 'exporters'] as const) {
      const used = new Set(Object.values(pipelines).flatMap((pipeline): string[] => pipeline[kind]));
      expect([...used].sort()).toEqual(defined[kind].sort());
    }
    expect(config.service.extensions).toEqual(Object.keys(config.extensions));
  });

  test('refuses data before its memory is full, and first of all', () => {
    expect(config.processors.memory_limiter).toEqual({
      check_interval: '1s',
      limit_mib: 819,
      spike_limit_mib: 163,
    });
    for (const signal of ['traces', 'metrics', 'logs'] as const) {
      expect(pipelines[signal].processors[0]).toBe('memory_limiter');
    }
  });

  test('keeps what waits for a store on its volume, until the store takes it, and refuses the rest', () => {
    expect(config.exporters).toMatchObject({
      'otlp_grpc/jaeger': {
        endpoint: 'jaeger.o.svc:4317',
        tls: { insecure: true },
        sending_queue: { storage: 'file_storage', sizer: 'bytes', block_on_overflow: false },
        retry_on_failure: { max_elapsed_time: '0s' },
      },
      'otlp_http/loki': { endpoint: 'http://loki.o.svc:3100/otlp' },
    });
    expect(config.extensions.file_storage).toMatchObject({
      directory: '/var/lib/otelcol/queue',
      create_directory: true,
    });
  });

  test.each([
    ['2Gi', [tempo], 644_245_094],
    ['2Gi', [tempo, jaeger], 429_496_729],
    ['10Gi', [tempo, jaeger], 2_147_483_648],
  ])('%s hold the queues of all stores', (volumeSize, traceBackends, queueSize) => {
    const { exporters } = collectorConfig({ ...settings, volumeSize, traceBackends });
    const stores = [...traceBackends.map(({ name }) => `otlp_grpc/${name}`), 'otlp_http/loki'];
    const queues = stores.map((name) => (exporters as Record<string, any>)[name].sending_queue.queue_size);
    expect(queues).toEqual(stores.map(() => queueSize));
  });

  test('names the cluster, the environment and the instance where the sender did not', () => {
    expect(config.processors.resource.attributes).toEqual([
      { action: 'insert', key: 'k8s.cluster.name', value: 'prod-1' },
      { action: 'insert', key: 'deployment.environment.name', from_attribute: 'deployment.environment' },
      { action: 'insert', key: 'service.instance.id', from_attribute: 'k8s.pod.name' },
    ]);
  });

  test('finds the pod by name, uid, address and connection', () => {
    const { pod_association, auth_type } = config.processors.k8s_attributes;
    expect(auth_type).toBe('serviceAccount');
    expect(pod_association.map(({ sources }) => sources.map((s) => ('name' in s ? s.name : s.from)))).toEqual(
      [['k8s.namespace.name', 'k8s.pod.name'], ['k8s.pod.uid'], ['k8s.pod.ip'], ['connection']],
    );
  });

  test('makes metrics of spans once per scrape, with exemplars, and of bounded number', () => {
    expect(config.connectors.span_metrics).toMatchObject({
      namespace: 'traces.span.metrics',
      histogram: { unit: 's' },
      exemplars: { enabled: true },
      aggregation_cardinality_limit: 2000,
      metrics_expiration: '1h',
      metrics_flush_interval: '30s',
    });
    expect(config.connectors.service_graph.metrics_flush_interval).toBe('30s');
  });

  test('makes no label of what changes with every pod or connection', () => {
    const labels = config.processors['transform/labels'].metric_statements;
    expect(labels).toContain(
      'set(datapoint.attributes["service.name"], resource.attributes["service.name"])',
    );
    expect(labels.join()).not.toMatch(/uid|pod\.ip|start_time|process\.|telemetry\.|host\./);
    const { resource_metrics_key_attributes: kept } = config.connectors.span_metrics;
    expect(config.processors['transform/service'].metric_statements).toEqual([
      `keep_keys(resource.attributes, ${JSON.stringify(kept)})`,
    ]);
    expect(kept.join()).not.toMatch(/pod|instance/);
  });

  test('exposes metrics with exemplars, and its own on a port of theirs', () => {
    expect(config.exporters.prometheus).toEqual({
      endpoint: '0.0.0.0:8889',
      enable_open_metrics: true,
      translation_strategy: 'UnderscoreEscapingWithSuffixes',
    });
    expect(config.service.telemetry.metrics.readers).toEqual([
      {
        pull: {
          exporter: {
            prometheus: {
              host: '0.0.0.0',
              port: 8888,
              without_scope_info: true,
              without_type_suffix: false,
              without_units: false,
            },
          },
        },
      },
    ]);
    expect(config.service.telemetry).not.toHaveProperty('traces');
  });

  describe('with debug', () => {
    const debug = collectorConfig({ ...settings, debug: true });

    test('prints what every pipeline carries', () => {
      expect(debug.exporters).toMatchObject({ debug: { verbosity: 'detailed', use_internal_logger: false } });
      for (const { exporters } of Object.values(debug.service.pipelines))
        expect(exporters).toContain('debug');
    });

    test('drops what it has printed when that comes back as a log', () => {
      expect(debug.processors).toMatchObject({
        'filter/printed': {
          log_conditions: [
            'resource.attributes["k8s.namespace.name"] == "observatory" and ' +
              'resource.attributes["k8s.container.name"] == "collector" and ' +
              'log.attributes["log.iostream"] == "stdout"',
          ],
        },
      });
      expect(debug.service.pipelines.logs.processors.at(-1)).toBe('filter/printed');
    });

    test('is the same otherwise', () => {
      for (const key of ['receivers', 'connectors', 'extensions'] as const) {
        expect(debug[key]).toEqual(config[key]);
      }
    });
  });
});
