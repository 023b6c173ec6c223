import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Dashboard, PackContext } from '../../../components/contracts';
import { seconds } from '../../../components/units';
import { dashboard, type Row } from '../../dashboard';
import { promql, promqlNow, stat, table, timeseries } from '../../panels';

const JOB = 'job="prometheus"';

const now = (retention: string): Row => ({
  title: 'Now',
  panels: [
    stat({
      title: 'Active series',
      description:
        'Series in memory. Memory follows this figure: if it jumps, the tables below name the metric and the job.',
      unit: units.Short,
      query: promqlNow(`sum(prometheus_tsdb_head_series{${JOB}})`),
    }),
    stat({
      title: 'Samples per second',
      description: 'Samples appended. Disk use follows this figure.',
      unit: units.Short,
      query: promqlNow(`sum(rate(prometheus_tsdb_head_samples_appended_total{${JOB}}[5m]))`),
    }),
    stat({
      title: 'Blocks on disk',
      description: 'Size of all blocks. The size limit deletes the oldest ones before the volume is full.',
      unit: units.BytesIEC,
      query: promqlNow(`sum(prometheus_tsdb_storage_blocks_bytes{${JOB}})`),
    }),
    stat({
      title: 'Size limit in use',
      description:
        'Blocks against the size limit. At 100 % the size limit deletes, not the retention time: grow the volume.',
      unit: units.PercentUnit,
      query: promqlNow(
        `max(prometheus_tsdb_storage_blocks_bytes{${JOB}} / (prometheus_tsdb_retention_limit_bytes{${JOB}} > 0))`,
      ),
      thresholds: { warning: 0.85, critical: 0.97 },
      noValue: 'no size limit',
    }),
    stat({
      title: 'Oldest sample',
      description: `Age of the oldest sample; retention is ${retention}.`,
      unit: units.Seconds,
      query: promqlNow(`time() - min(prometheus_tsdb_lowest_timestamp_seconds{${JOB}})`),
      thresholds: {
        warning: seconds(retention) + seconds('1d'),
        critical: seconds(retention) + seconds('3d'),
      },
    }),
    stat({
      title: 'Configuration reload',
      description: 'Whether the configuration in use is the one on disk.',
      query: promqlNow(`min(prometheus_config_last_reload_successful{${JOB}})`),
      states: { 0: 'failed', 1: 'ok' },
      thresholds: { warning: 1, critical: 0.5 },
    }),
  ],
});

const scraping: Row = {
  title: 'Scraping',
  panels: [
    table({
      title: 'Jobs',
      description:
        'Every job with its targets, those that are down, the series it costs and how long a scrape takes.',
      labels: { job: 'Job' },
      columns: [
        { title: 'Targets', expr: 'count by (job) (up)' },
        {
          title: 'Down',
          expr: 'count by (job) (up) - sum by (job) (up)',
          thresholds: { warning: 1, critical: 2 },
        },
        {
          title: 'Samples per scrape',
          unit: units.Short,
          expr: 'sum by (job) (scrape_samples_post_metric_relabeling)',
        },
        {
          title: 'New series in 1 h',
          unit: units.Short,
          decimals: 0,
          expr: 'sum by (job) (sum_over_time(scrape_series_added[1h]))',
        },
        {
          title: 'Slowest scrape',
          unit: units.Seconds,
          expr: 'max by (job) (scrape_duration_seconds)',
          thresholds: { warning: 5, critical: 9 },
        },
      ],
      width: 16,
    }),
    timeseries({
      title: 'Failed scrapes and rejected samples',
      description:
        'Targets down, and samples that came too late, twice or out of order. Rejected samples are missing from graphs.',
      unit: units.Short,
      queries: [
        promql('count(up == 0) or vector(0)', 'targets down'),
        promql(
          `rate(prometheus_target_scrapes_sample_out_of_order_total{${JOB}}[$__rate_interval])`,
          'out of order',
        ),
        promql(
          `rate(prometheus_target_scrapes_sample_duplicate_timestamp_total{${JOB}}[$__rate_interval])`,
          'duplicate',
        ),
        promql(
          `rate(prometheus_target_scrapes_sample_out_of_bounds_total{${JOB}}[$__rate_interval])`,
          'too old',
        ),
      ],
    }),
  ],
};

const series: Row = {
  title: 'Series',
  panels: [
    timeseries({
      title: 'Active series',
      description:
        'Series in memory, and how many are new or gone each second. Steady churn costs memory without adding knowledge.',
      unit: units.Short,
      queries: [promql(`prometheus_tsdb_head_series{${JOB}}`, 'active')],
    }),
    timeseries({
      title: 'Series made and removed',
      description:
        'Churn. Peaks come with deployments; a steady high rate comes from a label without bounds.',
      unit: units.EventsPerSecond,
      queries: [
        promql(`rate(prometheus_tsdb_head_series_created_total{${JOB}}[$__rate_interval])`, 'made'),
        promql(`rate(prometheus_tsdb_head_series_removed_total{${JOB}}[$__rate_interval])`, 'removed'),
      ],
    }),
    timeseries({
      title: 'Exemplars',
      description: 'Exemplars kept in memory: the points in duration graphs that lead to a trace.',
      unit: units.Short,
      queries: [promql(`prometheus_tsdb_exemplar_exemplars_in_storage{${JOB}}`, 'kept')],
    }),
  ],
};

const storage: Row = {
  title: 'Storage, rules and queries',
  panels: [
    timeseries({
      title: 'Blocks and write-ahead log',
      description: 'What lies on the volume.',
      unit: units.BytesIEC,
      min: 0,
      queries: [
        promql(`prometheus_tsdb_storage_blocks_bytes{${JOB}}`, 'blocks'),
        promql(`prometheus_tsdb_wal_storage_size_bytes{${JOB}}`, 'write-ahead log'),
        promql(`prometheus_tsdb_head_chunks_storage_size_bytes{${JOB}}`, 'head chunks'),
        promql(`prometheus_tsdb_retention_limit_bytes{${JOB}}`, 'size limit'),
      ],
    }),
    timeseries({
      title: 'Storage failures',
      description:
        'Compactions, reloads and log writes that failed. Anything above zero: look at the volume and at Prometheus’ log.',
      unit: units.Short,
      queries: [
        promql(`increase(prometheus_tsdb_compactions_failed_total{${JOB}}[$__rate_interval])`, 'compaction'),
        promql(`increase(prometheus_tsdb_reloads_failures_total{${JOB}}[$__rate_interval])`, 'block reload'),
        promql(`increase(prometheus_tsdb_wal_corruptions_total{${JOB}}[$__rate_interval])`, 'log corruption'),
        promql(
          `increase(prometheus_tsdb_wal_truncations_failed_total{${JOB}}[$__rate_interval])`,
          'log truncation',
        ),
      ],
    }),
    timeseries({
      title: 'Rule evaluation',
      description:
        'Time that each rule group takes against its interval. Above 100 % evaluations are skipped and alerts come late.',
      unit: units.PercentUnit,
      min: 0,
      thresholds: { warning: 0.5, critical: 1 },
      queries: [
        promql(
          `max by (rule_group) (prometheus_rule_group_last_duration_seconds{${JOB}} / prometheus_rule_group_interval_seconds{${JOB}})`,
          '{{rule_group}}',
        ),
      ],
    }),
    timeseries({
      title: 'Rule failures',
      description: 'Evaluations that failed or were missed: the alerts of that group are blind meanwhile.',
      unit: units.Short,
      queries: [
        promql(
          `sum by (rule_group) (increase(prometheus_rule_evaluation_failures_total{${JOB}}[$__rate_interval]))`,
          'failed {{rule_group}}',
        ),
        promql(
          `sum by (rule_group) (increase(prometheus_rule_group_iterations_missed_total{${JOB}}[$__rate_interval]))`,
          'missed {{rule_group}}',
        ),
      ],
      noValue: 'none',
    }),
    timeseries({
      title: 'Alerts sent and lost',
      description:
        'Alerts handed to Alertmanager, and those that never got there: dropped ones nobody hears of.',
      unit: units.EventsPerSecond,
      queries: [
        promql(`sum(rate(prometheus_notifications_sent_total{${JOB}}[$__rate_interval]))`, 'sent'),
        promql(`sum(rate(prometheus_notifications_dropped_total{${JOB}}[$__rate_interval]))`, 'dropped'),
        promql(`sum(rate(prometheus_notifications_errors_total{${JOB}}[$__rate_interval]))`, 'errors'),
      ],
    }),
    timeseries({
      title: 'Query duration (p95)',
      description:
        'How long requests take by endpoint. Slow range queries are heavy dashboards, or too little memory.',
      unit: units.Seconds,
      min: 0,
      thresholds: { warning: 5, critical: 30 },
      queries: [
        promql(
          `histogram_quantile(0.95, sum by (le, handler) (rate(prometheus_http_request_duration_seconds_bucket{${JOB}, handler=~"/api/v1/(query|query_range|series|labels?|label/:name/values)"}[$__rate_interval])))`,
          '{{handler}}',
        ),
      ],
      noValue: 'no queries',
    }),
  ],
};

/** Prometheus’ own health: what it scrapes, what it stores, what it evaluates. */
export function prometheusDashboard({ retention }: PackContext): Dashboard {
  return dashboard({
    uid: 'platform-prometheus',
    title: 'Prometheus',
    description: 'What Prometheus scrapes, stores, deletes and evaluates.',
    tag: 'platform',
    rows: [now(retention.metrics), scraping, series, storage],
  });
}
