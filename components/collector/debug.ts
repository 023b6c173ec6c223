interface Debugging {
  exporters: Record<string, object>;
  processors: Record<string, object>;
}

/**
 * The debug exporter, which prints to standard output; the collector's own log goes to standard error. The agent
 * reads both and sends them back here, so printed lines are dropped before they are printed again.
 *
 * @see https://pkg.go.dev/go.opentelemetry.io/collector/exporter/debugexporter
 */
export function debugging({ debug, namespace }: { debug: boolean; namespace: string }): Debugging {
  if (!debug) return { exporters: {}, processors: {} };
  const printed = [
    `resource.attributes["k8s.namespace.name"] == "${namespace}"`,
    'resource.attributes["k8s.container.name"] == "collector"',
    'log.attributes["log.iostream"] == "stdout"',
  ].join(' and ');
  return {
    exporters: { debug: { verbosity: 'detailed', use_internal_logger: false } },
    processors: { 'filter/printed': { error_mode: 'ignore', log_conditions: [printed] } },
  };
}
