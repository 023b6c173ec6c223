import type { AlertCase } from './case';

const SELF = 'job="prometheus",instance="prometheus-0"';
const AM = `${SELF},alertmanager="http://10.0.0.9:9093/api/v2/alerts"`;
const labels = { job: 'prometheus', instance: 'prometheus-0' };

export const prometheusCases: AlertCase[] = [
  {
    alert: 'PrometheusConfigReloadFailed',
    severity: 'critical',
    fires: {
      series: { [`prometheus_config_last_reload_successful{${SELF}}`]: '0x20' },
      at: '11m',
      alerts: [{ labels, description: 'prometheus-0 could not load its configuration.' }],
    },
    silent: { series: { [`prometheus_config_last_reload_successful{${SELF}}`]: '0x8 1x20' }, at: '11m' },
  },
  {
    alert: 'PrometheusNotIngesting',
    severity: 'critical',
    fires: {
      series: { [`prometheus_tsdb_head_samples_appended_total{${SELF},type="float"}`]: '500x30' },
      at: '16m',
      alerts: [{ labels, description: 'prometheus-0 has appended no sample for 10 minutes.' }],
    },
    silent: {
      series: {
        [`prometheus_tsdb_head_samples_appended_total{${SELF},type="float"}`]: '500x30',
        [`prometheus_tsdb_head_samples_appended_total{${SELF},type="histogram"}`]: '0+1x30',
      },
      at: '16m',
    },
  },
  {
    alert: 'PrometheusSamplesRejected',
    severity: 'warning',
    fires: {
      series: {
        [`prometheus_target_scrapes_sample_duplicate_timestamp_total{${SELF}}`]: '0+60x30',
        [`prometheus_target_scrapes_sample_out_of_order_total{${SELF}}`]: '0+60x30',
        [`prometheus_target_scrapes_sample_out_of_bounds_total{${SELF}}`]: '0x30',
      },
      at: '20m',
      alerts: [
        {
          labels,
          description:
            'prometheus-0 drops 2 samples per second that are duplicate, out of order or out of bounds.',
        },
      ],
    },
    silent: {
      series: {
        [`prometheus_target_scrapes_sample_duplicate_timestamp_total{${SELF}}`]: '0+60x10 600x20',
        [`prometheus_target_scrapes_sample_out_of_order_total{${SELF}}`]: '5x30',
        [`prometheus_target_scrapes_sample_out_of_bounds_total{${SELF}}`]: '0x30',
      },
      at: '20m',
    },
  },
  {
    alert: 'PrometheusDiscoveryFailing',
    severity: 'warning',
    fires: {
      series: {
        [`prometheus_sd_kubernetes_failures_total{${SELF}}`]: '0+1x40',
        [`prometheus_target_sync_failed_total{${SELF},scrape_job="kubelet"}`]: '0x40',
      },
      at: '30m',
      alerts: [
        { labels, description: 'prometheus-0 failed 10 times in 10 minutes to list or to relabel targets.' },
      ],
    },
    silent: {
      series: {
        [`prometheus_sd_kubernetes_failures_total{${SELF}}`]: '0x10 1x30',
        [`prometheus_target_sync_failed_total{${SELF},scrape_job="kubelet"}`]: '0x40',
      },
      at: '30m',
    },
  },
  {
    alert: 'PrometheusRuleFailures',
    severity: 'critical',
    fires: {
      series: { [`prometheus_rule_evaluation_failures_total{${SELF},rule_group="loki"}`]: '0+1x30' },
      at: '20m',
      alerts: [
        {
          labels: { ...labels, rule_group: 'loki' },
          description: 'Rules of loki failed 5 times in 5 minutes on prometheus-0.',
        },
      ],
    },
    silent: {
      series: { [`prometheus_rule_evaluation_failures_total{${SELF},rule_group="loki"}`]: '0+1x10 10x20' },
      at: '20m',
    },
  },
  {
    alert: 'PrometheusRuleEvaluationsMissed',
    severity: 'warning',
    fires: {
      series: { [`prometheus_rule_group_iterations_missed_total{${SELF},rule_group="nodes"}`]: '0+2x30' },
      at: '20m',
      alerts: [
        {
          labels: { ...labels, rule_group: 'nodes' },
          description: 'The group nodes missed 10 evaluations in 5 minutes on prometheus-0.',
        },
      ],
    },
    silent: {
      series: {
        [`prometheus_rule_group_iterations_missed_total{${SELF},rule_group="nodes"}`]: '0+2x10 20x20',
      },
      at: '20m',
    },
  },
  {
    alert: 'PrometheusTSDBCorrupted',
    severity: 'critical',
    fires: {
      series: {
        [`prometheus_tsdb_wal_corruptions_total{${SELF}}`]: '0x60 1x60',
        [`prometheus_tsdb_mmap_chunk_corruptions_total{${SELF}}`]: '0x120',
        [`prometheus_tsdb_head_truncations_failed_total{${SELF}}`]: '0x120',
        [`prometheus_tsdb_checkpoint_creations_failed_total{${SELF}}`]: '0x120',
      },
      at: '70m',
      alerts: [
        {
          labels,
          description: 'prometheus-0 found 1 corruptions or failed truncations of its head within an hour.',
        },
      ],
    },
    silent: {
      series: {
        [`prometheus_tsdb_wal_corruptions_total{${SELF}}`]: '0x5 1x120',
        [`prometheus_tsdb_mmap_chunk_corruptions_total{${SELF}}`]: '0x120',
        [`prometheus_tsdb_head_truncations_failed_total{${SELF}}`]: '0x120',
        [`prometheus_tsdb_checkpoint_creations_failed_total{${SELF}}`]: '0x120',
      },
      at: '70m',
    },
  },
  {
    alert: 'PrometheusTSDBCompactionsFailing',
    severity: 'warning',
    fires: {
      series: {
        [`prometheus_tsdb_compactions_failed_total{${SELF}}`]: '0+1x300',
        [`prometheus_tsdb_reloads_failures_total{${SELF}}`]: '0x300',
      },
      at: '4h',
      alerts: [
        {
          labels,
          description:
            'prometheus-0 failed 180 times in 3 hours to compact or to load blocks; its write-ahead log grows.',
        },
      ],
    },
    silent: {
      series: {
        [`prometheus_tsdb_compactions_failed_total{${SELF}}`]: '0x20 1x300',
        [`prometheus_tsdb_reloads_failures_total{${SELF}}`]: '0x300',
      },
      at: '4h',
    },
  },
  {
    alert: 'PrometheusRetentionBySize',
    severity: 'warning',
    fires: {
      series: {
        [`prometheus_tsdb_lowest_timestamp_seconds{${SELF}}`]: '0x1600',
        [`prometheus_tsdb_retention_limit_seconds{${SELF}}`]: '604800x1600',
        [`prometheus_tsdb_size_retentions_total{${SELF}}`]: '0x600 1x1000',
      },
      at: '26h',
      alerts: [
        {
          labels,
          description: 'prometheus-0 keeps 1d 2h 0m 0s only: the size limit of its volume deletes first.',
        },
      ],
    },
    silent: {
      series: {
        [`prometheus_tsdb_lowest_timestamp_seconds{${SELF}}`]: '0x1600',
        [`prometheus_tsdb_retention_limit_seconds{${SELF}}`]: '86400x1600',
        [`prometheus_tsdb_size_retentions_total{${SELF}}`]: '0x600 1x1000',
      },
      at: '26h',
    },
  },
  {
    alert: 'PrometheusAlertsNotDelivered',
    severity: 'critical',
    fires: {
      series: {
        [`prometheus_notifications_errors_total{${AM}}`]: '0+6x30',
        [`prometheus_notifications_sent_total{${AM}}`]: '0+54x30',
      },
      at: '20m',
      alerts: [{ labels, description: 'prometheus-0 fails to hand over 10% of its alerts to Alertmanager.' }],
    },
    silent: {
      series: {
        [`prometheus_notifications_errors_total{${AM}}`]: '0+1x30',
        [`prometheus_notifications_sent_total{${AM}}`]: '0+60x30',
      },
      at: '20m',
    },
  },
  {
    alert: 'PrometheusNotConnectedToAlertmanager',
    severity: 'critical',
    fires: {
      series: { [`prometheus_notifications_alertmanagers_discovered{${SELF}}`]: '0x20' },
      at: '11m',
      alerts: [{ labels, description: 'prometheus-0 has found no Alertmanager for 10 minutes.' }],
    },
    silent: {
      series: { [`prometheus_notifications_alertmanagers_discovered{${SELF}}`]: '0x8 1x20' },
      at: '11m',
    },
  },
];
