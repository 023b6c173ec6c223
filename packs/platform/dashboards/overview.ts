import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Dashboard, PackContext } from '../../../components/contracts';
import { seconds } from '../../../components/units';
import { dashboard, type Row } from '../../dashboard';
import { logql, logs, promql, promqlNow, stat, table, timeseries, type Panel } from '../../panels';

const NAMESPACES = 'namespace=~"$namespace"';
const VOLUMES = `${NAMESPACES}, persistentvolumeclaim=~"data-.+"`;
const ERROR_LINES = '{k8s_namespace_name=~"$namespace"} | detected_level=~"error|fatal|critical"';
const COLLECTOR = 'job="collector"';

const SIGNALS = [
  { signal: 'Spans', metric: 'spans' },
  { signal: 'Metric points', metric: 'metric_points' },
  { signal: 'Log records', metric: 'log_records' },
];

function health(components: string[]): Row {
  const jobs = `job=~"${components.join('|')}"`;
  return {
    title: 'Health',
    panels: [
      stat({
        title: 'Components',
        description:
          'Whether Prometheus reaches each component. A component that is down neither takes nor answers anything: look at its pod first (Kubernetes / Pods).',
        query: promqlNow(`min by (job) (up{${jobs}})`, '{{job}}'),
        states: { 0: 'down', 1: 'up' },
        thresholds: { warning: 1, critical: 0.5 },
        noValue: 'Prometheus scrapes no component',
        width: 12,
        height: 6,
      }),
      stat({
        title: 'Components without a target',
        description:
          'Components of this stack that Prometheus does not find at all: their pods are not running, or never started.',
        query: promqlNow(`${components.length} - (count(count by (job) (up{${jobs}})) or vector(0))`),
        thresholds: { warning: 1, critical: 1 },
        height: 6,
      }),
      stat({
        title: 'Alerts firing',
        description: 'Warnings and critical alerts that fire now; the table below names them.',
        query: promqlNow('count(ALERTS{alertstate="firing", severity=~"warning|critical"}) or vector(0)'),
        thresholds: { warning: 1, critical: 5 },
        height: 6,
      }),
      stat({
        title: 'Targets down',
        description: 'Everything that Prometheus fails to scrape, applications included.',
        query: promqlNow('count(up == 0) or vector(0)'),
        thresholds: { warning: 1, critical: 5 },
        height: 6,
      }),
      table({
        title: 'Firing alerts',
        description: 'What fires now, by name and place. The runbook of each stands in its alert.',
        labels: { alertname: 'Alert', severity: 'Severity', namespace: 'Namespace', job: 'Job' },
        columns: [
          {
            title: 'Count',
            expr: 'count by (alertname, severity, namespace, job) (ALERTS{alertstate="firing", severity!="none"})',
          },
        ],
        noValue: 'nothing fires',
        height: 7,
      }),
    ],
  };
}

const ingestion: Row = {
  title: 'Ingestion',
  panels: SIGNALS.map(({ signal, metric }) =>
    timeseries({
      title: `${signal} accepted and lost`,
      description: `${signal} that the collector took, that it turned away (the sender repeats them for a while) and that a store refused for good. Above zero for long, telemetry is missing.`,
      unit: units.EventsPerSecond,
      queries: [
        promql(
          `sum(rate(otelcol_receiver_accepted_${metric}_total{${COLLECTOR}}[$__rate_interval]))`,
          'accepted',
        ),
        promql(
          `sum(rate(otelcol_receiver_refused_${metric}_total{${COLLECTOR}}[$__rate_interval]))`,
          'refused',
        ),
        promql(
          `sum(rate(otelcol_exporter_enqueue_failed_${metric}_total{${COLLECTOR}}[$__rate_interval]))`,
          'queue full',
        ),
        promql(
          `sum(rate(otelcol_exporter_send_failed_${metric}_total{${COLLECTOR}}[$__rate_interval]))`,
          'lost',
        ),
      ],
    }),
  ),
};

const volumes: Row = {
  title: 'Volumes',
  panels: [
    timeseries({
      title: 'Used share of each volume',
      description:
        'Data and what it leaves of its volume. A full volume stops its store: lower its retention or grow the volume while it is orange.',
      unit: units.PercentUnit,
      min: 0,
      max: 1,
      thresholds: { warning: 0.8, critical: 0.9 },
      queries: [
        promql(
          `max by (persistentvolumeclaim) (kubelet_volume_stats_used_bytes{${VOLUMES}} / kubelet_volume_stats_capacity_bytes{${VOLUMES}})`,
          '{{persistentvolumeclaim}}',
        ),
      ],
      noValue: 'the kubelet reports no volumes (its driver may not measure them)',
      width: 12,
    }),
    table({
      title: 'Volumes',
      description:
        'Room left in each volume, and the days until it is full if it keeps filling as in the last six hours.',
      labels: { persistentvolumeclaim: 'Claim' },
      columns: [
        {
          title: 'Used',
          unit: units.BytesIEC,
          expr: `max by (persistentvolumeclaim) (kubelet_volume_stats_used_bytes{${VOLUMES}})`,
        },
        {
          title: 'Size',
          unit: units.BytesIEC,
          expr: `max by (persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{${VOLUMES}})`,
        },
        {
          title: 'Full in',
          unit: units.Seconds,
          thresholds: { warning: seconds('7d'), critical: seconds('1d') },
          expr: `max by (persistentvolumeclaim) (kubelet_volume_stats_available_bytes{${VOLUMES}}) / (max by (persistentvolumeclaim) (-deriv(kubelet_volume_stats_available_bytes{${VOLUMES}}[6h])) > 0)`,
        },
      ],
      noValue: 'the kubelet reports no volumes',
      width: 12,
    }),
  ],
};

function retention({ components, retention: keep }: PackContext): Row {
  const has = (component: string) => components.includes(component);
  const setting = (signal: keyof typeof keep) =>
    stat({
      title: `Retention of ${signal}`,
      description: `The setting retention.${signal} of this stack. What is older is deleted.`,
      unit: units.Seconds,
      query: promqlNow(`vector(${seconds(keep[signal])})`),
    });
  const panels: (Panel | false)[] = [
    setting('metrics'),
    setting('logs'),
    setting('traces'),
    stat({
      title: 'Oldest metrics',
      description:
        'Age of the oldest sample. It grows up to the retention and stays there; above it, blocks are not deleted; if it falls, the size limit deletes before the time limit: grow the volume.',
      unit: units.Seconds,
      thresholds: {
        warning: seconds(keep.metrics) + seconds('1d'),
        critical: seconds(keep.metrics) + seconds('3d'),
      },
      query: promqlNow('time() - prometheus_tsdb_lowest_timestamp_seconds{job="prometheus"}'),
    }),
    has('loki') &&
      stat({
        title: 'Since logs were last expired',
        description:
          'Age of the last successful run of Loki’s retention. If it grows, old logs stay and fill the volume.',
        unit: units.Seconds,
        thresholds: { warning: seconds('3h'), critical: seconds('1d') },
        query: promqlNow(
          'time() - max(loki_compactor_apply_retention_last_successful_run_timestamp_seconds{job="loki"} > 0)',
        ),
        noValue: 'no run yet',
      }),
    has('tempo') &&
      stat({
        title: 'Trace blocks expired',
        description:
          'Blocks of traces that Tempo deleted in the shown time because they were older than the retention.',
        query: promqlNow('sum(increase(tempodb_retention_deleted_total{job="tempo"}[$__range]))'),
        decimals: 0,
      }),
  ];
  return { title: 'Retention', panels: panels.filter((panel) => panel !== false) };
}

const resources: Row = {
  title: 'Resources',
  panels: [
    timeseries({
      title: 'Memory against its limit',
      description:
        'Working set of each pod against its memory limit. At 100 % the kernel kills the container.',
      unit: units.PercentUnit,
      min: 0,
      thresholds: { warning: 0.8, critical: 0.95 },
      queries: [
        promql(
          `max by (pod) (container_memory_working_set_bytes{${NAMESPACES}, container!="", container!="POD"} / (container_spec_memory_limit_bytes{${NAMESPACES}, container!="", container!="POD"} > 0))`,
          '{{pod}}',
        ),
      ],
      width: 12,
    }),
    timeseries({
      title: 'CPU',
      description: 'Cores in use by each pod of the platform.',
      unit: units.Short,
      min: 0,
      queries: [
        promql(
          `sum by (pod) (rate(container_cpu_usage_seconds_total{${NAMESPACES}, container!=""}[$__rate_interval]))`,
          '{{pod}}',
        ),
      ],
      width: 12,
    }),
  ],
};

const errors: Row = {
  title: 'What the platform complains about',
  panels: [
    timeseries({
      title: 'Error lines by component',
      description: 'Log lines of level error that the platform’s own pods wrote. The panel below shows them.',
      unit: units.Short,
      min: 0,
      stacked: true,
      queries: [
        logql(
          `sum by (k8s_container_name) (count_over_time(${ERROR_LINES} [$__auto]))`,
          '{{k8s_container_name}}',
        ),
      ],
      noValue: 'no errors',
      width: 24,
      height: 6,
    }),
    logs({
      title: 'Error lines',
      description: 'The newest errors of the platform’s own pods.',
      query: logql(ERROR_LINES),
      noValue: 'no errors',
    }),
  ],
};

/** Is the platform itself well: the page to open first. */
export function overviewDashboard(context: PackContext): Dashboard {
  return dashboard({
    uid: 'platform-overview',
    title: 'Platform overview',
    description:
      'Whether the observability platform itself is well: components, ingestion, volumes, retention.',
    tag: 'platform',
    from: 'now-3h',
    variables: [
      {
        name: 'namespace',
        label: 'Namespaces of the platform',
        query: 'label_values(up{job=~"prometheus|collector-agent|node-exporter"}, namespace)',
        listed: true,
      },
    ],
    rows: [
      health(context.components),
      ingestion,
      volumes,
      retention(context),
      resources,
      ...(context.components.includes('loki') ? [errors] : []),
    ],
  });
}
