import type { OtlpBackend } from '../contracts';
import { fileStorage, memoryLimiter, OTELCOL_PORTS, persistentQueue, telemetry } from '../otelcol';
import { bytes } from '../units';
import { debugging } from './debug';
import { labelProcessors, spanConnectors } from './metrics';

/** What of the collector's configuration follows the stack. */
export interface CollectorSettings {
  /** Memory limit of the pod, e.g. `1Gi`. */
  memory: string;
  /** Size of the volume that holds the queues, e.g. `2Gi`. */
  volumeSize: string;
  /** Name of the Kubernetes cluster, set on what does not name one. */
  cluster: string;
  /** The collector's own namespace. */
  namespace: string;
  /** Time between two scrapes, e.g. `30s`. */
  scrapeInterval: string;
  /** Print everything that passes through. */
  debug: boolean;
  traceBackends: OtlpBackend[];
  logBackends: OtlpBackend[];
}

/** Where the volume is mounted. */
export const DATA_PATH = '/var/lib/otelcol';

/** Ports that take telemetry. Jaeger's compact and binary Thrift are UDP. */
export const RECEIVER_PORTS = {
  otlpGrpc: 4317,
  otlpHttp: 4318,
  zipkin: 9411,
  jaegerGrpc: 14250,
  jaegerHttp: 14268,
  jaegerCompact: 6831,
  jaegerBinary: 6832,
};

/** Port where Prometheus scrapes the applications' metrics. */
export const APPLICATION_METRICS = 8889;

/** Share of the volume that queues may fill: their files also hold free pages, and compaction needs room. */
const QUEUE_SHARE = 0.6;

const anyAddress = (port: number) => ({ endpoint: `0.0.0.0:${port}` });

const receivers = {
  otlp: {
    protocols: {
      grpc: { ...anyAddress(RECEIVER_PORTS.otlpGrpc), max_recv_msg_size_mib: 16 },
      http: anyAddress(RECEIVER_PORTS.otlpHttp),
    },
  },
  jaeger: {
    protocols: {
      grpc: anyAddress(RECEIVER_PORTS.jaegerGrpc),
      thrift_http: anyAddress(RECEIVER_PORTS.jaegerHttp),
      thrift_compact: anyAddress(RECEIVER_PORTS.jaegerCompact),
      thrift_binary: anyAddress(RECEIVER_PORTS.jaegerBinary),
    },
  },
  zipkin: anyAddress(RECEIVER_PORTS.zipkin),
};

const resourceAttribute = (name: string) => ({ from: 'resource_attribute', name });

/** Which pod sent it, and the service name that Kubernetes knows when the sender gives none. */
const kubernetesAttributes = {
  auth_type: 'serviceAccount',
  // what comes before the pods are known would stay without a name
  wait_for_metadata: true,
  wait_for_metadata_timeout: '60s',
  extract: {
    metadata: [
      'k8s.namespace.name',
      'k8s.pod.name',
      'k8s.pod.uid',
      'k8s.pod.ip',
      'k8s.deployment.name',
      'k8s.statefulset.name',
      'k8s.daemonset.name',
      'k8s.cronjob.name',
      'k8s.job.name',
      'k8s.node.name',
      'k8s.container.name',
      'service.namespace',
      'service.name',
      'service.version',
      'service.instance.id',
    ],
    otel_annotations: true,
  },
  pod_association: [
    // first, because the log folder of a static pod is named after another uid than the API server's
    { sources: [resourceAttribute('k8s.namespace.name'), resourceAttribute('k8s.pod.name')] },
    { sources: [resourceAttribute('k8s.pod.uid')] },
    { sources: [resourceAttribute('k8s.pod.ip')] },
    { sources: [{ from: 'connection' }] },
  ],
};

function resourceDefaults(cluster: string) {
  return {
    attributes: [
      { action: 'insert', key: 'k8s.cluster.name', value: cluster },
      // its name before semantic conventions 1.27
      { action: 'insert', key: 'deployment.environment.name', from_attribute: 'deployment.environment' },
      // the replicas of a service must not write to one series
      { action: 'insert', key: 'service.instance.id', from_attribute: 'k8s.pod.name' },
    ],
  };
}

const exporterName = ({ name, protocol }: OtlpBackend): string => `otlp_${protocol}/${name}`;

/** One exporter for each store, each with its own queue, so that a store that is down holds up no other. */
function storeExporters(backends: OtlpBackend[], volumeSize: string) {
  const queueSize = Math.floor((bytes(volumeSize) * QUEUE_SHARE) / backends.length);
  return Object.fromEntries(
    backends.map((backend) => [
      exporterName(backend),
      {
        endpoint: backend.endpoint,
        tls: { insecure: true },
        timeout: '30s',
        ...persistentQueue(queueSize),
      },
    ]),
  );
}

/**
 * The collector's configuration: it receives every protocol, names the sender, and passes traces and logs on to
 * their stores. Metrics, with those it derives from spans, wait on {@link APPLICATION_METRICS} to be scraped.
 *
 * @see https://opentelemetry.io/docs/collector/configuration/
 */
export function collectorConfig(settings: CollectorSettings) {
  const { traceBackends, logBackends } = settings;
  const debug = debugging(settings);
  const enrich = ['memory_limiter', 'k8s_attributes', 'resource'];
  return {
    extensions: {
      health_check: anyAddress(OTELCOL_PORTS.health),
      file_storage: fileStorage(`${DATA_PATH}/queue`),
    },
    receivers,
    processors: {
      memory_limiter: memoryLimiter(settings.memory),
      k8s_attributes: kubernetesAttributes,
      resource: resourceDefaults(settings.cluster),
      ...labelProcessors,
      ...debug.processors,
    },
    connectors: spanConnectors(settings.scrapeInterval),
    exporters: {
      ...storeExporters([...traceBackends, ...logBackends], settings.volumeSize),
      prometheus: {
        ...anyAddress(APPLICATION_METRICS),
        // Prometheus' own text format carries no exemplars
        enable_open_metrics: true,
        translation_strategy: 'UnderscoreEscapingWithSuffixes',
      },
      ...debug.exporters,
    },
    service: {
      extensions: ['health_check', 'file_storage'],
      telemetry,
      pipelines: {
        traces: {
          receivers: ['otlp', 'jaeger', 'zipkin'],
          processors: enrich,
          exporters: [
            ...traceBackends.map(exporterName),
            'span_metrics',
            'service_graph',
            ...Object.keys(debug.exporters),
          ],
        },
        metrics: {
          receivers: ['otlp'],
          processors: [...enrich, 'transform/labels'],
          exporters: ['prometheus', ...Object.keys(debug.exporters)],
        },
        'metrics/spans': {
          receivers: ['span_metrics', 'service_graph'],
          processors: ['transform/service', 'transform/labels'],
          exporters: ['prometheus', ...Object.keys(debug.exporters)],
        },
        logs: {
          receivers: ['otlp'],
          processors: [...enrich, ...Object.keys(debug.processors)],
          exporters: [...logBackends.map(exporterName), ...Object.keys(debug.exporters)],
        },
      },
    },
  };
}
