import type { PackContext, RuleGroup } from '../../../components/contracts';
import { alert, record } from '../../alert';

const JOB = 'job=~"collector|collector-agent"';

const SIGNALS = { traces: 'spans', metrics: 'metric_points', logs: 'log_records' };

/** Items per second of every signal, which the collector counts under a name each, with the label `signal`. */
function itemRate(prefix: string, selector: string, by: string): string {
  return Object.entries(SIGNALS)
    .map(
      ([signal, items]) =>
        `label_replace(sum by (${by}) (rate(${prefix}_${items}_total{${selector}}[5m])), "signal", "${signal}", "", "")`,
    )
    .join('\nor ');
}

const WHERE = '{{ $labels.job }} ({{ $labels.instance }})';

/** The collector and its agent: what they take, hold and hand on. */
export function collectorRules({ components }: PackContext): RuleGroup {
  return {
    name: 'collector',
    rules: [
      alert('CollectorRefusingData', {
        severity: 'critical',
        expr: `(${itemRate('otelcol_receiver_refused', JOB, 'job, instance, receiver')}) > 0`,
        for: '5m',
        summary: 'The collector refuses data of its senders.',
        description: `${WHERE} refuses {{ $value | humanize }} items of {{ $labels.signal }} per second at {{ $labels.receiver }}.`,
      }),
      alert('CollectorMemoryLimited', {
        severity: 'warning',
        expr: `(${itemRate('otelcol_processor_memory_limiter_refused', JOB, 'job, instance')}) > 0`,
        for: '5m',
        summary: 'The collector is at its memory limit and turns data away.',
        description: `${WHERE} turns away {{ $value | humanize }} items of {{ $labels.signal }} per second for want of memory.`,
      }),
      alert('CollectorQueueFilling', {
        severity: 'warning',
        expr: `
          max by (job, instance, exporter, data_type) (otelcol_exporter_queue_size{${JOB}})
          / max by (job, instance, exporter, data_type) (otelcol_exporter_queue_capacity{${JOB}} > 0) > 0.5`,
        for: '10m',
        summary: 'A queue of the collector is filling up: its store is slow or down.',
        description: `The queue of ${WHERE} to {{ $labels.exporter }} is {{ $value | humanizePercentage }} full.`,
      }),
      alert('CollectorQueueOverflowing', {
        severity: 'critical',
        expr: `(${itemRate('otelcol_exporter_enqueue_failed', JOB, 'job, instance, exporter')}) > 0`,
        for: '1m',
        summary: 'A queue of the collector is full or broken.',
        description: `${WHERE} cannot queue {{ $value | humanize }} items of {{ $labels.signal }} per second for {{ $labels.exporter }}.`,
      }),
      alert('CollectorExportFailing', {
        severity: 'critical',
        expr: `(${itemRate('otelcol_exporter_send_failed', JOB, 'job, instance, exporter')}) > 0`,
        for: '5m',
        summary: 'The collector gives up data that a store does not take.',
        description: `${WHERE} drops {{ $value | humanize }} items of {{ $labels.signal }} per second that {{ $labels.exporter }} failed to send.`,
      }),
      ...(components.includes('collector-agent')
        ? [
            alert('CollectorLogsStopped', {
              severity: 'warning',
              expr: 'sum by (job) (rate(otelcol_receiver_accepted_log_records_total{job="collector-agent"}[15m])) == 0',
              for: '15m',
              summary: 'No pod log is read on any node.',
              description: 'The agents have read no log line of any pod for 30 minutes.',
            }),
          ]
        : []),
    ],
  };
}

/** Requests, errors and durations of services, from the spans that pass the collector. */
export function spanRules(): RuleGroup {
  const server = 'span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"';
  return {
    name: 'services',
    rules: [
      record(
        'job:traces_span_metrics_calls:rate5m',
        `sum by (job, service_name) (rate(traces_span_metrics_calls_total{${server}}[5m]))`,
      ),
      record(
        'job:traces_span_metrics_calls_errors:ratio_rate5m',
        `sum by (job, service_name) (rate(traces_span_metrics_calls_total{${server},status_code="STATUS_CODE_ERROR"}[5m]))
        / job:traces_span_metrics_calls:rate5m`,
      ),
      record(
        'job:traces_span_metrics_duration_seconds:p95_rate5m',
        `histogram_quantile(0.95, sum by (job, service_name, le) (rate(traces_span_metrics_duration_seconds_bucket{${server}}[5m])))`,
      ),
    ],
  };
}
