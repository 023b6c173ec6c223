import { type AlertCase, failingRequests } from './case';

const LOKI = 'job="loki",instance="loki-0"';
const loki = { job: 'loki', instance: 'loki-0' };

const latency = (upTo10: string, upTo25: string): Record<string, string> => ({
  [`loki_request_duration_seconds_bucket{${LOKI},route="loki_api_v1_query_range",le="10"}`]: upTo10,
  [`loki_request_duration_seconds_bucket{${LOKI},route="loki_api_v1_query_range",le="25"}`]: upTo25,
  [`loki_request_duration_seconds_bucket{${LOKI},route="loki_api_v1_query_range",le="+Inf"}`]: upTo25,
  // a tail stays open for as long as somebody watches
  [`loki_request_duration_seconds_bucket{${LOKI},route="loki_api_v1_tail",le="10"}`]: '0x30',
  [`loki_request_duration_seconds_bucket{${LOKI},route="loki_api_v1_tail",le="+Inf"}`]: '0+60x30',
});

const COMPACTED = `loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds{${LOKI}}`;
const RETAINED = `loki_compactor_apply_retention_last_successful_run_timestamp_seconds{${LOKI}}`;
const STARTED = `process_start_time_seconds{${LOKI}}`;

export const lokiCases: AlertCase[] = [
  {
    alert: 'LokiRequestErrors',
    severity: 'critical',
    fires: {
      series: failingRequests('loki', LOKI, 6),
      at: '16m',
      alerts: [
        {
          labels: { job: 'loki', route: 'query' },
          description: '10% of the requests to query fail with 5xx.',
        },
      ],
    },
    silent: { series: failingRequests('loki', LOKI, 3), at: '16m' },
  },
  {
    alert: 'LokiRequestLatencyHigh',
    severity: 'warning',
    fires: {
      series: latency('0x30', '0+60x30'),
      at: '21m',
      alerts: [
        {
          labels: { job: 'loki', route: 'loki_api_v1_query_range' },
          description: 'The 99th percentile of loki_api_v1_query_range takes 24.85s.',
        },
      ],
    },
    silent: { series: latency('0+60x30', '0+60x30'), at: '21m' },
  },
  {
    alert: 'LokiPanics',
    severity: 'critical',
    fires: {
      series: { [`loki_panic_total{${LOKI}}`]: '0x5 10x10' },
      at: '10m',
      alerts: [{ labels: loki, description: 'loki-0 panicked 10 times in 10 minutes.' }],
    },
    silent: { series: { [`loki_panic_total{${LOKI}}`]: '0x5 10x30' }, at: '25m' },
  },
  {
    alert: 'LokiDiscardingLogs',
    severity: 'warning',
    fires: {
      series: {
        [`loki_discarded_samples_total{${LOKI},reason="rate_limited",tenant="fake"}`]: '0+600x20',
      },
      at: '11m',
      alerts: [
        {
          labels: { job: 'loki', reason: 'rate_limited' },
          description: 'Loki discards 10 lines per second: rate_limited.',
        },
      ],
    },
    silent: {
      series: {
        [`loki_discarded_samples_total{${LOKI},reason="rate_limited",tenant="fake"}`]: '0+600x2 1200x20',
      },
      at: '11m',
    },
  },
  {
    alert: 'LokiFlushesFailing',
    severity: 'critical',
    fires: {
      series: { [`loki_ingester_chunks_flush_failures_total{${LOKI}}`]: '0+1x40' },
      at: '30m',
      alerts: [
        {
          labels: loki,
          description:
            'loki-0 failed 10 times in 10 minutes to write a chunk; logs wait in memory and in the write-ahead log.',
        },
      ],
    },
    silent: { series: { [`loki_ingester_chunks_flush_failures_total{${LOKI}}`]: '0x15 1x40' }, at: '25m' },
  },
  {
    alert: 'LokiWALFailing',
    severity: 'critical',
    fires: {
      series: {
        [`loki_ingester_wal_disk_full_failures_total{${LOKI}}`]: '0+2x20',
        [`loki_ingester_checkpoint_creations_failed_total{${LOKI}}`]: '0x20',
      },
      at: '15m',
      alerts: [
        {
          labels: loki,
          description:
            'loki-0 failed 20 times in 10 minutes to write or to read its write-ahead log: a restart loses logs.',
        },
      ],
    },
    silent: {
      series: {
        [`loki_ingester_wal_disk_full_failures_total{${LOKI}}`]: '0+2x5 10x30',
        [`loki_ingester_wal_corruptions_total{${LOKI},type="segments"}`]: '3x30',
        [`loki_ingester_checkpoint_creations_failed_total{${LOKI}}`]: '0x30',
      },
      at: '25m',
    },
  },
  {
    alert: 'LokiCompactionNotRunning',
    severity: 'critical',
    fires: {
      // never succeeded since the start
      series: { [COMPACTED]: '0x300', [STARTED]: '600x300' },
      at: '3h30m',
      alerts: [{ labels: loki, description: 'loki-0 has not compacted its index for 3h 20m 0s.' }],
    },
    silent: { series: { [COMPACTED]: '0x119 7200x200', [STARTED]: '600x300' }, at: '4h30m' },
  },
  {
    alert: 'LokiRetentionNotRunning',
    severity: 'critical',
    fires: {
      series: { [RETAINED]: '3600x500', [STARTED]: '600x500' },
      at: '7h20m',
      alerts: [{ labels: loki, description: 'loki-0 has not applied retention for 6h 20m 0s.' }],
    },
    silent: { series: { [RETAINED]: '0x200 10800x400', [STARTED]: '600x500' }, at: '7h20m' },
  },
  {
    alert: 'LokiChunkDeletionsFailing',
    severity: 'warning',
    fires: {
      series: {
        [`loki_boltdb_shipper_retention_sweeper_chunk_deleted_duration_seconds_count{${LOKI},status="failure"}`]:
          '0+1x150',
      },
      at: '2h10m',
      alerts: [{ labels: loki, description: 'loki-0 failed 60 times in an hour to delete a chunk.' }],
    },
    silent: {
      series: {
        [`loki_boltdb_shipper_retention_sweeper_chunk_deleted_duration_seconds_count{${LOKI},status="failure"}`]:
          '0+1x20 20x150',
        [`loki_boltdb_shipper_retention_sweeper_chunk_deleted_duration_seconds_count{${LOKI},status="success"}`]:
          '0+1x150',
      },
      at: '2h10m',
    },
  },
];
