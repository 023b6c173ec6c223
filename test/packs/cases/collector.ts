import type { AlertCase, RecordingCase } from './case';

const COLLECTOR = 'job="collector",instance="collector-0"';
const labels = { job: 'collector', instance: 'collector-0' };

export const collectorCases: AlertCase[] = [
  {
    alert: 'CollectorRefusingData',
    severity: 'critical',
    fires: {
      series: {
        [`otelcol_receiver_refused_spans_total{${COLLECTOR},receiver="otlp",transport="grpc"}`]: '0+60x20',
        [`otelcol_receiver_refused_log_records_total{${COLLECTOR},receiver="otlp",transport="grpc"}`]: '0x20',
      },
      at: '10m',
      alerts: [
        {
          labels: { ...labels, receiver: 'otlp', signal: 'traces' },
          description: 'collector (collector-0) refuses 1 items of traces per second at otlp.',
        },
      ],
    },
    silent: {
      series: {
        [`otelcol_receiver_refused_spans_total{${COLLECTOR},receiver="otlp",transport="grpc"}`]: '0x2 60x20',
        [`otelcol_receiver_accepted_spans_total{${COLLECTOR},receiver="otlp",transport="grpc"}`]: '0+60x20',
      },
      at: '10m',
    },
  },
  {
    alert: 'CollectorMemoryLimited',
    severity: 'warning',
    fires: {
      series: {
        [`otelcol_processor_memory_limiter_refused_log_records_total{${COLLECTOR},processor="memory_limiter"}`]:
          '0+120x20',
      },
      at: '10m',
      alerts: [
        {
          labels: { ...labels, signal: 'logs' },
          description: 'collector (collector-0) turns away 2 items of logs per second for want of memory.',
        },
      ],
    },
    silent: {
      series: {
        [`otelcol_processor_memory_limiter_refused_log_records_total{${COLLECTOR},processor="memory_limiter"}`]:
          '120x20',
      },
      at: '10m',
    },
  },
  {
    alert: 'CollectorQueueFilling',
    severity: 'warning',
    fires: {
      series: {
        [`otelcol_exporter_queue_size{${COLLECTOR},exporter="otlp_http/loki",data_type="logs"}`]: '600x20',
        [`otelcol_exporter_queue_capacity{${COLLECTOR},exporter="otlp_http/loki",data_type="logs"}`]:
          '1000x20',
      },
      at: '11m',
      alerts: [
        {
          labels: { ...labels, exporter: 'otlp_http/loki', data_type: 'logs' },
          description: 'The queue of collector (collector-0) to otlp_http/loki is 60% full.',
        },
      ],
    },
    silent: {
      series: {
        [`otelcol_exporter_queue_size{${COLLECTOR},exporter="otlp_http/loki",data_type="logs"}`]:
          '600x8 500x20',
        [`otelcol_exporter_queue_capacity{${COLLECTOR},exporter="otlp_http/loki",data_type="logs"}`]:
          '1000x20',
      },
      at: '11m',
    },
  },
  {
    alert: 'CollectorQueueOverflowing',
    severity: 'critical',
    fires: {
      series: {
        [`otelcol_exporter_enqueue_failed_metric_points_total{${COLLECTOR},exporter="prometheus"}`]:
          '0+30x20',
      },
      at: '5m',
      alerts: [
        {
          labels: { ...labels, exporter: 'prometheus', signal: 'metrics' },
          description:
            'collector (collector-0) cannot queue 500m items of metrics per second for prometheus.',
        },
      ],
    },
    silent: {
      series: {
        [`otelcol_exporter_enqueue_failed_metric_points_total{${COLLECTOR},exporter="prometheus"}`]: '30x20',
      },
      at: '5m',
    },
  },
  {
    alert: 'CollectorExportFailing',
    severity: 'critical',
    fires: {
      series: {
        [`otelcol_exporter_send_failed_spans_total{${COLLECTOR},exporter="otlp_grpc/tempo"}`]: '0+60x20',
      },
      at: '10m',
      alerts: [
        {
          labels: { ...labels, exporter: 'otlp_grpc/tempo', signal: 'traces' },
          description:
            'collector (collector-0) drops 1 items of traces per second that otlp_grpc/tempo failed to send.',
        },
      ],
    },
    silent: {
      series: {
        [`otelcol_exporter_send_failed_spans_total{${COLLECTOR},exporter="otlp_grpc/tempo"}`]: '0x2 60x20',
        [`otelcol_exporter_sent_spans_total{${COLLECTOR},exporter="otlp_grpc/tempo"}`]: '0+60x20',
      },
      at: '10m',
    },
  },
  {
    alert: 'CollectorLogsStopped',
    severity: 'warning',
    fires: {
      series: {
        'otelcol_receiver_accepted_log_records_total{job="collector-agent",instance="n1",receiver="file_log"}':
          '1000x40',
      },
      at: '31m',
      alerts: [
        {
          labels: { job: 'collector-agent' },
          description: 'The agents have read no log line of any pod for 30 minutes.',
        },
      ],
    },
    silent: {
      series: {
        'otelcol_receiver_accepted_log_records_total{job="collector-agent",instance="n1",receiver="file_log"}':
          '1000x40',
        'otelcol_receiver_accepted_log_records_total{job="collector-agent",instance="n2",receiver="file_log"}':
          '1000+1x40',
      },
      at: '31m',
    },
  },
];

const SPAN = 'job="shop/web",service_name="web",span_kind="SPAN_KIND_SERVER",span_name="GET /"';
const spans = {
  [`traces_span_metrics_calls_total{${SPAN},status_code="STATUS_CODE_UNSET"}`]: '0+45x20',
  [`traces_span_metrics_calls_total{${SPAN},status_code="STATUS_CODE_ERROR"}`]: '0+15x20',
  // a client's span is the same request, seen from outside
  'traces_span_metrics_calls_total{job="shop/web",service_name="web",span_kind="SPAN_KIND_CLIENT",span_name="SELECT",status_code="STATUS_CODE_UNSET"}':
    '0+600x20',
  [`traces_span_metrics_duration_seconds_bucket{${SPAN},le="0.1"}`]: '0+30x20',
  [`traces_span_metrics_duration_seconds_bucket{${SPAN},le="0.2"}`]: '0+60x20',
  [`traces_span_metrics_duration_seconds_bucket{${SPAN},le="+Inf"}`]: '0+60x20',
};
const service = '{job="shop/web", service_name="web"}';

export const collectorRecordings: RecordingCase[] = [
  {
    record: 'job:traces_span_metrics_calls:rate5m',
    given: { series: spans, at: '10m' },
    samples: [{ labels: service, value: 1 }],
  },
  {
    record: 'job:traces_span_metrics_calls_errors:ratio_rate5m',
    given: { series: spans, at: '10m' },
    samples: [{ labels: service, value: 0.25 }],
  },
  {
    record: 'job:traces_span_metrics_duration_seconds:p95_rate5m',
    given: { series: spans, at: '10m' },
    samples: [{ labels: service, value: 0.19 }],
  },
];
