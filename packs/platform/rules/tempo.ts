import type { RuleGroup } from '../../../components/contracts';
import { alert } from '../../alert';

const JOB = 'job="tempo"';

/** Tempo: requests, ingestion, flushing, compaction and retention. */
export function tempoRules(): RuleGroup {
  return {
    name: 'tempo',
    rules: [
      alert('TempoRequestErrors', {
        severity: 'critical',
        expr: `
          sum by (job, route) (rate(tempo_request_duration_seconds_count{${JOB},route!="ready",status_code=~"5.."}[5m]))
          / sum by (job, route) (rate(tempo_request_duration_seconds_count{${JOB},route!="ready"}[5m])) > 0.05`,
        for: '10m',
        summary: 'Tempo answers with errors.',
        description:
          '{{ $value | humanizePercentage }} of the requests to {{ $labels.route }} fail with 5xx.',
      }),
      alert('TempoDiscardingSpans', {
        severity: 'warning',
        expr: `sum by (job, reason) (rate(tempo_discarded_spans_total{${JOB}}[5m])) > 0`,
        for: '5m',
        summary: 'Tempo refuses spans.',
        description: 'Tempo discards {{ $value | humanize }} spans per second: {{ $labels.reason }}.',
      }),
      alert('TempoFlushesFailing', {
        severity: 'critical',
        expr: `
          increase(tempo_live_store_failed_completions_total{${JOB}}[15m])
          + increase(tempo_live_store_local_failed_flushes_total{${JOB}}[15m]) > 0`,
        for: '10m',
        summary: 'Tempo cannot write traces to its storage.',
        description:
          '{{ $labels.instance }} failed {{ $value | humanize }} times in 15 minutes to complete or to flush a block; traces wait in its write-ahead log.',
      }),
      alert('TempoCompactionsFailing', {
        severity: 'warning',
        expr: `increase(tempodb_compaction_errors_total{${JOB}}[1h]) > 2`,
        for: '30m',
        summary: 'Tempo cannot compact blocks, so queries get slow.',
        description: '{{ $labels.instance }} failed {{ $value | humanize }} compactions within an hour.',
      }),
      alert('TempoRetentionFailing', {
        severity: 'critical',
        expr: `increase(tempodb_retention_errors_total{${JOB}}[1h]) > 2`,
        for: '30m',
        summary: 'Old traces are not deleted.',
        description:
          '{{ $labels.instance }} failed {{ $value | humanize }} times in an hour to delete old blocks.',
      }),
      alert('TempoBlocklistPollsFailing', {
        severity: 'critical',
        expr: `sum by (job, instance) (increase(tempodb_blocklist_poll_errors_total{${JOB}}[1h])) > 2`,
        for: '15m',
        summary: 'Tempo does not see its own blocks.',
        description:
          '{{ $labels.instance }} failed {{ $value | humanize }} times in an hour to list its blocks: queries miss traces and nothing is deleted.',
      }),
      alert('TempoJobsFailing', {
        severity: 'warning',
        expr: `
          sum by (job, job_type) (increase(tempo_backend_scheduler_jobs_failed_total{${JOB}}[1h]))
          / sum by (job, job_type) (increase(tempo_backend_scheduler_jobs_created_total{${JOB}}[1h])) > 0.1`,
        for: '30m',
        summary: "Tempo's background jobs fail.",
        description:
          '{{ $value | humanizePercentage }} of the {{ $labels.job_type }} jobs of the last hour failed.',
      }),
    ],
  };
}
