import { type AlertCase, failingRequests } from './case';

const TEMPO = 'job="tempo",instance="tempo-0"';
const JAEGER = 'job="jaeger",instance="jaeger-0"';
const tempo = { job: 'tempo', instance: 'tempo-0' };
const jaeger = { job: 'jaeger', instance: 'jaeger-0' };

export const tempoCases: AlertCase[] = [
  {
    alert: 'TempoRequestErrors',
    severity: 'critical',
    fires: {
      series: failingRequests('tempo', TEMPO, 12),
      at: '16m',
      alerts: [
        {
          labels: { job: 'tempo', route: 'query' },
          description: '20% of the requests to query fail with 5xx.',
        },
      ],
    },
    silent: { series: failingRequests('tempo', TEMPO, 3), at: '16m' },
  },
  {
    alert: 'TempoDiscardingSpans',
    severity: 'warning',
    fires: {
      series: {
        [`tempo_discarded_spans_total{${TEMPO},reason="trace_too_large",tenant="single-tenant"}`]: '0+300x20',
      },
      at: '11m',
      alerts: [
        {
          labels: { job: 'tempo', reason: 'trace_too_large' },
          description: 'Tempo discards 5 spans per second: trace_too_large.',
        },
      ],
    },
    silent: {
      series: {
        [`tempo_discarded_spans_total{${TEMPO},reason="trace_too_large",tenant="single-tenant"}`]:
          '0+300x2 600x20',
      },
      at: '11m',
    },
  },
  {
    alert: 'TempoFlushesFailing',
    severity: 'critical',
    fires: {
      series: {
        [`tempo_live_store_failed_completions_total{${TEMPO}}`]: '0x40',
        [`tempo_live_store_local_failed_flushes_total{${TEMPO}}`]: '0+1x40',
      },
      at: '30m',
      alerts: [
        {
          labels: tempo,
          description:
            'tempo-0 failed 15 times in 15 minutes to complete or to flush a block; traces wait in its write-ahead log.',
        },
      ],
    },
    silent: {
      series: {
        [`tempo_live_store_failed_completions_total{${TEMPO}}`]: '0x10 1x40',
        [`tempo_live_store_local_failed_flushes_total{${TEMPO}}`]: '4x40',
      },
      at: '30m',
    },
  },
  {
    alert: 'TempoCompactionsFailing',
    severity: 'warning',
    fires: {
      series: { [`tempodb_compaction_errors_total{${TEMPO}}`]: '0+0.1x150' },
      at: '2h',
      alerts: [{ labels: tempo, description: 'tempo-0 failed 6 compactions within an hour.' }],
    },
    silent: { series: { [`tempodb_compaction_errors_total{${TEMPO}}`]: '0x60 2x100' }, at: '2h' },
  },
  {
    alert: 'TempoRetentionFailing',
    severity: 'critical',
    fires: {
      series: { [`tempodb_retention_errors_total{${TEMPO}}`]: '0+0.1x150' },
      at: '2h',
      alerts: [{ labels: tempo, description: 'tempo-0 failed 6 times in an hour to delete old blocks.' }],
    },
    silent: { series: { [`tempodb_retention_errors_total{${TEMPO}}`]: '0x20 1x30 2x120' }, at: '2h' },
  },
  {
    alert: 'TempoBlocklistPollsFailing',
    severity: 'critical',
    fires: {
      series: { [`tempodb_blocklist_poll_errors_total{${TEMPO},tenant=""}`]: '0+0.2x150' },
      at: '2h',
      alerts: [
        {
          labels: tempo,
          description:
            'tempo-0 failed 12 times in an hour to list its blocks: queries miss traces and nothing is deleted.',
        },
      ],
    },
    silent: {
      series: { [`tempodb_blocklist_poll_errors_total{${TEMPO},tenant=""}`]: '0x20 1x100' },
      at: '1h10m',
    },
  },
  {
    alert: 'TempoJobsFailing',
    severity: 'warning',
    fires: {
      series: {
        [`tempo_backend_scheduler_jobs_failed_total{${TEMPO},tenant="single-tenant",job_type="compaction"}`]:
          '0+1x150',
        [`tempo_backend_scheduler_jobs_created_total{${TEMPO},tenant="single-tenant",job_type="compaction"}`]:
          '0+4x150',
      },
      at: '2h',
      alerts: [
        {
          labels: { job: 'tempo', job_type: 'compaction' },
          description: '25% of the compaction jobs of the last hour failed.',
        },
      ],
    },
    silent: {
      series: {
        [`tempo_backend_scheduler_jobs_failed_total{${TEMPO},tenant="single-tenant",job_type="compaction"}`]:
          '0+1x150',
        [`tempo_backend_scheduler_jobs_created_total{${TEMPO},tenant="single-tenant",job_type="compaction"}`]:
          '0+20x150',
      },
      at: '2h',
    },
  },
];

export const jaegerCases: AlertCase[] = [
  {
    alert: 'JaegerRefusingSpans',
    severity: 'critical',
    fires: {
      series: {
        [`otelcol_receiver_refused_spans_total{${JAEGER},receiver="otlp",transport="grpc"}`]: '0+60x20',
      },
      at: '10m',
      alerts: [
        { labels: { ...jaeger, receiver: 'otlp' }, description: 'jaeger-0 refuses 1 spans per second.' },
      ],
    },
    silent: {
      series: {
        [`otelcol_receiver_refused_spans_total{${JAEGER},receiver="otlp",transport="grpc"}`]: '0x2 9x20',
      },
      at: '10m',
    },
  },
  {
    alert: 'JaegerWritesFailing',
    severity: 'critical',
    fires: {
      series: {
        [`otelcol_exporter_send_failed_spans_total{${JAEGER},exporter="jaeger_storage_exporter"}`]:
          '0+120x20',
      },
      at: '10m',
      alerts: [
        {
          labels: { ...jaeger, exporter: 'jaeger_storage_exporter' },
          description: 'jaeger-0 fails to write 2 spans per second.',
        },
      ],
    },
    silent: {
      series: {
        [`otelcol_exporter_send_failed_spans_total{${JAEGER},exporter="jaeger_storage_exporter"}`]: '9x20',
        [`otelcol_exporter_sent_spans_total{${JAEGER},exporter="jaeger_storage_exporter"}`]: '0+60x20',
      },
      at: '10m',
    },
  },
  {
    alert: 'JaegerQueriesFailing',
    severity: 'warning',
    fires: {
      series: {
        [`jaeger_storage_requests_total{${JAEGER},operation="find_traces",result="err"}`]: '0+1x30',
        [`jaeger_storage_requests_total{${JAEGER},operation="find_traces",result="ok"}`]: '0+3x30',
      },
      at: '16m',
      alerts: [
        {
          labels: { job: 'jaeger', operation: 'find_traces' },
          description: '25% of the reads find_traces fail.',
        },
      ],
    },
    silent: {
      series: {
        [`jaeger_storage_requests_total{${JAEGER},operation="find_traces",result="err"}`]: '0+1x30',
        [`jaeger_storage_requests_total{${JAEGER},operation="find_traces",result="ok"}`]: '0+19x30',
        // nobody finds a trace that was never there
        [`jaeger_storage_requests_total{${JAEGER},operation="get_trace",result="err"}`]: '0+1x30',
      },
      at: '16m',
    },
  },
];
