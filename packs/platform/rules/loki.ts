import type { RuleGroup } from '../../../components/contracts';
import { alert } from '../../alert';

const JOB = 'job="loki"';

/** Age of the last success of a periodic job; before the first one, age of the process. */
const sinceSuccess = (metric: string): string => `
  time() - (
    (max by (job, instance) (${metric}{${JOB}}) > 0)
    or max by (job, instance) (process_start_time_seconds{${JOB}})
  )`;

/** Loki: requests, ingestion, flushing, compaction and retention. */
export function lokiRules(): RuleGroup {
  return {
    name: 'loki',
    rules: [
      alert('LokiRequestErrors', {
        severity: 'critical',
        expr: `
          sum by (job, route) (rate(loki_request_duration_seconds_count{${JOB},route!="ready",status_code=~"5.."}[5m]))
          / sum by (job, route) (rate(loki_request_duration_seconds_count{${JOB},route!="ready"}[5m])) > 0.05`,
        for: '10m',
        summary: 'Loki answers with errors.',
        description:
          '{{ $value | humanizePercentage }} of the requests to {{ $labels.route }} fail with 5xx.',
      }),
      alert('LokiRequestLatencyHigh', {
        severity: 'warning',
        expr: `
          histogram_quantile(0.99, sum by (job, route, le) (
            rate(loki_request_duration_seconds_bucket{${JOB},route=~".*push.*|otlp_v1_logs|loki_api_v1_query.*|loki_api_v1_label.*|loki_api_v1_series"}[5m])
          )) > 10`,
        for: '15m',
        summary: 'Loki is slow.',
        description: 'The 99th percentile of {{ $labels.route }} takes {{ $value | humanizeDuration }}.',
      }),
      alert('LokiPanics', {
        severity: 'critical',
        expr: `sum by (job, instance) (increase(loki_panic_total{${JOB}}[10m])) > 0`,
        summary: 'Requests crash inside Loki.',
        description: '{{ $labels.instance }} panicked {{ $value | humanize }} times in 10 minutes.',
      }),
      alert('LokiDiscardingLogs', {
        severity: 'warning',
        expr: `sum by (job, reason) (rate(loki_discarded_samples_total{${JOB}}[5m])) > 0`,
        for: '5m',
        summary: 'Loki refuses log lines.',
        description: 'Loki discards {{ $value | humanize }} lines per second: {{ $labels.reason }}.',
      }),
      alert('LokiFlushesFailing', {
        severity: 'critical',
        expr: `sum by (job, instance) (increase(loki_ingester_chunks_flush_failures_total{${JOB}}[10m])) > 0`,
        for: '10m',
        summary: 'Loki cannot write chunks to its storage.',
        description:
          '{{ $labels.instance }} failed {{ $value | humanize }} times in 10 minutes to write a chunk; logs wait in memory and in the write-ahead log.',
      }),
      alert('LokiWALFailing', {
        severity: 'critical',
        // the count of corruptions does not exist before the first
        expr: `
          sum by (job, instance) (increase(loki_ingester_wal_disk_full_failures_total{${JOB}}[10m])) > 0
          or sum by (job, instance) (increase(loki_ingester_checkpoint_creations_failed_total{${JOB}}[10m])) > 0
          or sum by (job, instance) (increase(loki_ingester_wal_corruptions_total{${JOB}}[10m])) > 0`,
        summary: "Loki's write-ahead log is full or damaged.",
        description:
          '{{ $labels.instance }} failed {{ $value | humanize }} times in 10 minutes to write or to read its write-ahead log: a restart loses logs.',
      }),
      alert('LokiCompactionNotRunning', {
        severity: 'critical',
        expr: `${sinceSuccess('loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds')} > 3 * 3600`,
        for: '15m',
        summary: "Loki's index is not compacted.",
        description:
          '{{ $labels.instance }} has not compacted its index for {{ $value | humanizeDuration }}.',
      }),
      alert('LokiRetentionNotRunning', {
        severity: 'critical',
        expr: `${sinceSuccess('loki_compactor_apply_retention_last_successful_run_timestamp_seconds')} > 6 * 3600`,
        for: '15m',
        summary: 'Old logs are not deleted.',
        description: '{{ $labels.instance }} has not applied retention for {{ $value | humanizeDuration }}.',
      }),
      alert('LokiChunkDeletionsFailing', {
        severity: 'warning',
        expr: `sum by (job, instance) (increase(loki_boltdb_shipper_retention_sweeper_chunk_deleted_duration_seconds_count{${JOB},status="failure"}[1h])) > 0`,
        for: '1h',
        summary: 'Loki cannot delete old chunks.',
        description:
          '{{ $labels.instance }} failed {{ $value | humanize }} times in an hour to delete a chunk.',
      }),
    ],
  };
}
