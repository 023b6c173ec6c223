import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Dashboard } from '../../../components/contracts';
import { seconds } from '../../../components/units';
import { dashboard, type Row } from '../../dashboard';
import { logql, promql, promqlNow, stat, timeseries } from '../../panels';

const JOB = 'job="loki"';

const now: Row = {
  title: 'Now',
  panels: [
    stat({
      title: 'Lines per second',
      description: 'Log lines that Loki takes.',
      unit: units.EventsPerSecond,
      query: promqlNow(`sum(rate(loki_distributor_lines_received_total{${JOB}}[5m]))`),
      noValue: '0',
    }),
    stat({
      title: 'Bytes per day at this rate',
      description:
        'What a day of logs weighs before compression. Compare with ingest.logs.gbPerDay, for which the volume is sized.',
      unit: units.BytesSI,
      query: promqlNow(`sum(rate(loki_distributor_bytes_received_total{${JOB}}[1h])) * 86400`),
      noValue: '0',
    }),
    stat({
      title: 'Lines refused',
      description:
        'Lines in the shown time that a limit turned away; they are lost. The panel below says which limit.',
      query: promqlNow(`sum(increase(loki_discarded_samples_total{${JOB}}[$__range])) or vector(0)`),
      decimals: 0,
      thresholds: { warning: 1, critical: 1000 },
    }),
    stat({
      title: 'Active streams',
      description:
        'Streams in memory. Thousands more than there are containers: a label has too many values.',
      unit: units.Short,
      query: promqlNow(`sum(loki_ingester_memory_streams{${JOB}})`),
      thresholds: { warning: 10_000, critical: 20_000 },
      noValue: '0',
    }),
    stat({
      title: 'Since the last retention run',
      description: 'Age of the last run that deleted expired lines. If it grows, the volume fills.',
      unit: units.Seconds,
      query: promqlNow(
        `time() - max(loki_compactor_apply_retention_last_successful_run_timestamp_seconds{${JOB}} > 0)`,
      ),
      thresholds: { warning: seconds('3h'), critical: seconds('1d') },
      noValue: 'no run yet',
    }),
    stat({
      title: 'Server errors',
      description: 'Share of requests that Loki answered with a server error.',
      unit: units.PercentUnit,
      decimals: 2,
      query: promqlNow(
        `(sum(rate(loki_request_duration_seconds_count{${JOB}, status_code=~"5.."}[5m])) or vector(0)) / sum(rate(loki_request_duration_seconds_count{${JOB}}[5m]))`,
      ),
      thresholds: { warning: 0.001, critical: 0.01 },
    }),
  ],
};

const ingestion: Row = {
  title: 'Ingestion',
  panels: [
    timeseries({
      title: 'Received',
      description:
        'Bytes of lines and of their structured metadata. A gap: the collector or the agent stopped sending.',
      unit: units.BytesPerSecondSI,
      min: 0,
      queries: [
        promql(`sum(rate(loki_distributor_bytes_received_total{${JOB}}[$__rate_interval]))`, 'lines'),
        promql(
          `sum(rate(loki_distributor_structured_metadata_bytes_received_total{${JOB}}[$__rate_interval]))`,
          'structured metadata',
        ),
      ],
    }),
    timeseries({
      title: 'Refused by reason',
      description:
        'Lines lost to a limit: rate_limited and stream_limit mean too much, greater_than_max_sample_age means too late.',
      unit: units.EventsPerSecond,
      queries: [
        promql(
          `sum by (reason) (rate(loki_discarded_samples_total{${JOB}}[$__rate_interval]))`,
          '{{reason}}',
        ),
      ],
      noValue: 'none',
    }),
    timeseries({
      title: 'Lines by namespace',
      description: 'Who writes how much. The one that jumps is the one to talk to.',
      unit: units.EventsPerSecond,
      stacked: true,
      min: 0,
      queries: [
        logql(
          'topk(10, sum by (k8s_namespace_name) (rate({service_name=~".+"} [$__auto])))',
          '{{k8s_namespace_name}}',
        ),
      ],
    }),
    timeseries({
      title: 'Bytes by service',
      description: 'The ten services whose logs weigh most.',
      unit: units.BytesPerSecondSI,
      stacked: true,
      min: 0,
      queries: [
        logql(
          'topk(10, sum by (service_name) (bytes_rate({service_name=~".+"} [$__auto])))',
          '{{service_name}}',
        ),
      ],
    }),
    timeseries({
      title: 'Streams and chunks in memory',
      description: 'What Loki holds before it is written. Memory follows these.',
      unit: units.Short,
      min: 0,
      queries: [
        promql(`sum(loki_ingester_memory_streams{${JOB}})`, 'streams'),
        promql(`sum(loki_ingester_memory_chunks{${JOB}})`, 'chunks'),
      ],
    }),
    timeseries({
      title: 'Log lines by level',
      description: 'All lines by detected level. A rising share of errors is a fault somewhere.',
      unit: units.EventsPerSecond,
      stacked: true,
      min: 0,
      queries: [
        logql('sum by (detected_level) (rate({service_name=~".+"} [$__auto]))', '{{detected_level}}'),
      ],
    }),
  ],
};

const storage: Row = {
  title: 'Storage and retention',
  panels: [
    timeseries({
      title: 'Chunks written',
      description:
        'Chunks that go to the volume, by what closed them. Failures: the volume is full or broken.',
      unit: units.EventsPerSecond,
      queries: [
        promql(
          `sum by (reason) (rate(loki_ingester_chunks_flushed_total{${JOB}}[$__rate_interval]))`,
          '{{reason}}',
        ),
        promql(`sum(rate(loki_ingester_chunks_flush_failures_total{${JOB}}[$__rate_interval]))`, 'failed'),
      ],
      noValue: 'none yet',
    }),
    timeseries({
      title: 'Write-ahead log failures',
      description:
        'Above zero, lines that are in memory only are lost when the pod dies: the volume is full.',
      unit: units.Short,
      queries: [
        promql(`increase(loki_ingester_wal_disk_full_failures_total{${JOB}}[$__rate_interval])`, 'disk full'),
        promql(
          `increase(loki_ingester_checkpoint_creations_failed_total{${JOB}}[$__rate_interval])`,
          'checkpoint',
        ),
        promql(`increase(loki_ingester_wal_corruptions_total{${JOB}}[$__rate_interval])`, 'corruption'),
      ],
      noValue: 'none',
    }),
    timeseries({
      title: 'Compaction and retention runs',
      description: 'Runs by outcome. Without successful ones, old logs are never deleted.',
      unit: units.Short,
      queries: [
        promql(
          `sum by (status) (increase(loki_boltdb_shipper_compact_tables_operation_total{${JOB}}[1h]))`,
          'compaction {{status}}',
        ),
        promql(
          `sum by (status) (increase(loki_compactor_apply_retention_operation_total{${JOB}}[1h]))`,
          'retention {{status}}',
        ),
      ],
      noValue: 'no run yet',
    }),
  ],
};

const requests: Row = {
  title: 'Requests',
  panels: [
    timeseries({
      title: 'Requests by outcome',
      description: 'Requests by route and status. 429: a limit; 5xx: Loki itself.',
      unit: units.RequestsPerSecond,
      queries: [
        promql(
          `sum by (route, status_code) (rate(loki_request_duration_seconds_count{${JOB}, route=~".*(otlp|push|query|label|series).*"}[$__rate_interval]))`,
          '{{route}} {{status_code}}',
        ),
      ],
      width: 12,
    }),
    timeseries({
      title: 'Request duration (p95)',
      description: 'Slow writes hold the collector up; slow queries are wide ranges or too little memory.',
      unit: units.Seconds,
      min: 0,
      thresholds: { warning: 5, critical: 30 },
      queries: [
        promql(
          `histogram_quantile(0.95, sum by (le, route) (rate(loki_request_duration_seconds_bucket{${JOB}, route=~".*(otlp|push|query|label|series).*"}[$__rate_interval])))`,
          '{{route}}',
        ),
      ],
      width: 12,
    }),
  ],
};

/** Loki's own health: what it takes, refuses, writes and deletes. */
export function lokiDashboard(): Dashboard {
  return dashboard({
    uid: 'platform-loki',
    title: 'Loki',
    description: 'What Loki takes, refuses, writes and deletes, and who sends it.',
    tag: 'platform',
    rows: [now, ingestion, storage, requests],
  });
}
