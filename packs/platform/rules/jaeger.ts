import type { RuleGroup } from '../../../components/contracts';
import { alert } from '../../alert';

const JOB = 'job="jaeger"';

/** Jaeger: what it takes, writes and reads. */
export function jaegerRules(): RuleGroup {
  return {
    name: 'jaeger',
    rules: [
      alert('JaegerRefusingSpans', {
        severity: 'critical',
        expr: `sum by (job, instance, receiver) (rate(otelcol_receiver_refused_spans_total{${JOB}}[5m])) > 0`,
        for: '5m',
        summary: 'Jaeger refuses spans.',
        description: '{{ $labels.instance }} refuses {{ $value | humanize }} spans per second.',
      }),
      alert('JaegerWritesFailing', {
        severity: 'critical',
        expr: `sum by (job, instance, exporter) (rate(otelcol_exporter_send_failed_spans_total{${JOB}}[5m])) > 0`,
        for: '5m',
        summary: 'Jaeger cannot write spans to its storage.',
        description: '{{ $labels.instance }} fails to write {{ $value | humanize }} spans per second.',
      }),
      alert('JaegerQueriesFailing', {
        severity: 'warning',
        // asking for a trace that is not there counts as an error of get_trace
        expr: `
          sum by (job, operation) (rate(jaeger_storage_requests_total{${JOB},operation!="get_trace",result="err"}[5m]))
          / sum by (job, operation) (rate(jaeger_storage_requests_total{${JOB},operation!="get_trace"}[5m])) > 0.1`,
        for: '10m',
        summary: 'Jaeger cannot read from its storage.',
        description: '{{ $value | humanizePercentage }} of the reads {{ $labels.operation }} fail.',
      }),
    ],
  };
}
