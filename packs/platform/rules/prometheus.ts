import type { RuleGroup } from '../../../components/contracts';
import { alert } from '../../alert';

const JOB = 'job="prometheus"';

/** Prometheus itself: what it takes in, keeps, evaluates and sends on. */
export function prometheusRules(): RuleGroup {
  return {
    name: 'prometheus',
    rules: [
      alert('PrometheusConfigReloadFailed', {
        severity: 'critical',
        // over time, so that a failed scrape does not end the alert
        expr: `max_over_time(prometheus_config_last_reload_successful{${JOB}}[5m]) == 0`,
        for: '10m',
        summary: 'Prometheus runs with an old configuration.',
        description: '{{ $labels.instance }} could not load its configuration.',
      }),
      alert('PrometheusNotIngesting', {
        severity: 'critical',
        expr: `sum by (job, instance) (rate(prometheus_tsdb_head_samples_appended_total{${JOB}}[5m])) == 0`,
        for: '10m',
        summary: 'Prometheus stores no samples.',
        description: '{{ $labels.instance }} has appended no sample for 10 minutes.',
      }),
      alert('PrometheusSamplesRejected', {
        severity: 'warning',
        expr: `
          rate(prometheus_target_scrapes_sample_duplicate_timestamp_total{${JOB}}[5m])
          + rate(prometheus_target_scrapes_sample_out_of_order_total{${JOB}}[5m])
          + rate(prometheus_target_scrapes_sample_out_of_bounds_total{${JOB}}[5m]) > 0`,
        for: '15m',
        summary: 'Prometheus drops scraped samples.',
        description:
          '{{ $labels.instance }} drops {{ $value | humanize }} samples per second that are duplicate, out of order or out of bounds.',
      }),
      alert('PrometheusDiscoveryFailing', {
        severity: 'warning',
        expr: `
          increase(prometheus_sd_kubernetes_failures_total{${JOB}}[10m])
          + on (job, instance) sum by (job, instance) (increase(prometheus_target_sync_failed_total{${JOB}}[10m])) > 0`,
        for: '15m',
        summary: 'Prometheus cannot find its targets.',
        description:
          '{{ $labels.instance }} failed {{ $value | humanize }} times in 10 minutes to list or to relabel targets.',
      }),
      alert('PrometheusRuleFailures', {
        severity: 'critical',
        expr: `sum by (job, instance, rule_group) (increase(prometheus_rule_evaluation_failures_total{${JOB}}[5m])) > 0`,
        for: '15m',
        summary: 'Rules cannot be evaluated, so their alerts cannot fire.',
        description:
          'Rules of {{ $labels.rule_group }} failed {{ $value | humanize }} times in 5 minutes on {{ $labels.instance }}.',
      }),
      alert('PrometheusRuleEvaluationsMissed', {
        severity: 'warning',
        expr: `sum by (job, instance, rule_group) (increase(prometheus_rule_group_iterations_missed_total{${JOB}}[5m])) > 0`,
        for: '15m',
        summary: 'Rules take longer than their interval.',
        description:
          'The group {{ $labels.rule_group }} missed {{ $value | humanize }} evaluations in 5 minutes on {{ $labels.instance }}.',
      }),
      alert('PrometheusTSDBCorrupted', {
        severity: 'critical',
        expr: `
          increase(prometheus_tsdb_wal_corruptions_total{${JOB}}[1h])
          + increase(prometheus_tsdb_mmap_chunk_corruptions_total{${JOB}}[1h])
          + increase(prometheus_tsdb_head_truncations_failed_total{${JOB}}[1h])
          + increase(prometheus_tsdb_checkpoint_creations_failed_total{${JOB}}[1h]) > 0`,
        summary: "Prometheus' write-ahead log is damaged.",
        description:
          '{{ $labels.instance }} found {{ $value | humanize }} corruptions or failed truncations of its head within an hour.',
      }),
      alert('PrometheusTSDBCompactionsFailing', {
        severity: 'warning',
        expr: `
          increase(prometheus_tsdb_compactions_failed_total{${JOB}}[3h])
          + increase(prometheus_tsdb_reloads_failures_total{${JOB}}[3h]) > 0`,
        for: '1h',
        summary: 'Prometheus cannot write or load blocks.',
        description:
          '{{ $labels.instance }} failed {{ $value | humanize }} times in 3 hours to compact or to load blocks; its write-ahead log grows.',
      }),
      alert('PrometheusRetentionBySize', {
        severity: 'warning',
        expr: `
          (time() - prometheus_tsdb_lowest_timestamp_seconds{${JOB}}
            < prometheus_tsdb_retention_limit_seconds{${JOB}})
          and increase(prometheus_tsdb_size_retentions_total{${JOB}}[1d]) > 0`,
        for: '1h',
        summary: 'Metrics are deleted before their retention ends.',
        description:
          '{{ $labels.instance }} keeps {{ $value | humanizeDuration }} only: the size limit of its volume deletes first.',
      }),
      alert('PrometheusAlertsNotDelivered', {
        severity: 'critical',
        // what was sent does not count what failed
        expr: `
          sum by (job, instance) (rate(prometheus_notifications_errors_total{${JOB}}[5m]))
          / (
          sum by (job, instance) (rate(prometheus_notifications_errors_total{${JOB}}[5m]))
          + sum by (job, instance) (rate(prometheus_notifications_sent_total{${JOB}}[5m]))
          ) > 0.03`,
        for: '15m',
        summary: 'Alerts do not reach Alertmanager.',
        description:
          '{{ $labels.instance }} fails to hand over {{ $value | humanizePercentage }} of its alerts to Alertmanager.',
      }),
      alert('PrometheusNotConnectedToAlertmanager', {
        severity: 'critical',
        expr: `max_over_time(prometheus_notifications_alertmanagers_discovered{${JOB}}[5m]) < 1`,
        for: '10m',
        summary: 'Prometheus knows no Alertmanager.',
        description: '{{ $labels.instance }} has found no Alertmanager for 10 minutes.',
      }),
    ],
  };
}
