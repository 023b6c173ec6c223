import { goDuration } from '../units';

/** Resource attributes that tell one service from another: span metrics are kept for each combination. */
const SERVICE_ATTRIBUTES = [
  'service.name',
  'service.namespace',
  'deployment.environment.name',
  'k8s.cluster.name',
  'k8s.namespace.name',
];

/**
 * Resource attributes that become labels. Each is decided by the instance, so none multiplies the series; the
 * others stand on `target_info`, which joins by `job` and `instance`.
 */
const LABEL_ATTRIBUTES = [
  ...SERVICE_ATTRIBUTES,
  'k8s.deployment.name',
  'k8s.statefulset.name',
  'k8s.daemonset.name',
  'k8s.cronjob.name',
  'k8s.pod.name',
  'k8s.container.name',
  'k8s.node.name',
];

/** Processors on the way to Prometheus: which resource attributes are kept of span metrics, and become labels. */
export const labelProcessors = {
  // the connector keeps the other attributes of whichever instance came first
  'transform/service': {
    metric_statements: [`keep_keys(resource.attributes, ${JSON.stringify(SERVICE_ATTRIBUTES)})`],
  },
  'transform/labels': {
    metric_statements: LABEL_ATTRIBUTES.map(
      (name) => `set(datapoint.attributes["${name}"], resource.attributes["${name}"])`,
    ),
  },
};

/** Boundaries of latency histograms: requests of milliseconds and jobs of minutes. */
const LATENCY_BUCKETS = '5ms 10ms 25ms 50ms 100ms 250ms 500ms 1s 2500ms 5s 10s 30s 60s 300s'.split(' ');

/** Span attributes of few values; those after the first three are their names before semantic conventions 1.21. */
const DIMENSIONS = [
  'http.request.method',
  'http.response.status_code',
  'http.route',
  'http.method',
  'http.status_code',
];

/** Attributes of a client span that name a server which sends no spans of its own. */
const PEER_ATTRIBUTES = ['peer.service', 'db.namespace', 'db.name', 'db.system.name', 'db.system'];

/**
 * Metrics from spans: rate, errors and duration as `traces_span_metrics_*`, calls between services as
 * `traces_service_graph_*`.
 *
 * @param scrapeInterval time between two scrapes: exemplars last from one flush to the next, so flushing more
 *   often would lose those that no scrape saw
 * @see https://pkg.go.dev/github.com/open-telemetry/opentelemetry-collector-contrib/connector/spanmetricsconnector
 * @see https://pkg.go.dev/github.com/open-telemetry/opentelemetry-collector-contrib/connector/servicegraphconnector
 */
export function spanConnectors(scrapeInterval: string) {
  const metrics_flush_interval = goDuration(scrapeInterval);
  return {
    span_metrics: {
      namespace: 'traces.span.metrics',
      histogram: { unit: 's', explicit: { buckets: LATENCY_BUCKETS } },
      exemplars: { enabled: true },
      dimensions: DIMENSIONS.map((name) => ({ name })),
      // a new one at each start, and `instance` tells as much
      exclude_dimensions: ['collector.instance.id'],
      add_resource_attributes: true,
      resource_metrics_key_attributes: SERVICE_ATTRIBUTES,
      // a service whose span names hold identifiers overflows into one series
      aggregation_cardinality_limit: 2000,
      metrics_expiration: '1h',
      series_expiration: '1h',
      metrics_flush_interval,
    },
    service_graph: {
      latency_histogram_buckets: LATENCY_BUCKETS,
      virtual_node_peer_attributes: PEER_ATTRIBUTES,
      database_name_attributes: ['db.namespace', 'db.name'],
      // both sides of a call are sent within seconds of each other
      store: { ttl: '10s', max_items: 20_000 },
      metrics_flush_interval,
    },
  };
}
