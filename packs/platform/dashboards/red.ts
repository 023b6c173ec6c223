import { promql } from '../../panels';

/** Span metrics of the shown kinds; `and` adds matchers. */
const spans = (name: string, and = '') =>
  `traces_span_metrics_${name}{span_kind=~"$span_kind"${and && `, ${and}`}}`;

/** Requests per second by labels. */
export function requestRate(by: string, and = ''): string {
  return `sum by (${by}) (rate(${spans('calls_total', and)}[$__rate_interval]))`;
}

/** Share of requests that failed; 0 where none did. */
export function errorRatio(by: string, and = ''): string {
  const failed = ['status_code="STATUS_CODE_ERROR"', and].filter(Boolean).join(', ');
  return `(${requestRate(by, failed)} or 0 * ${requestRate(by, and)}) / (${requestRate(by, and)} > 0)`;
}

/** Seconds within which this share of requests was answered. */
export function duration(quantile: number, by: string, and = ''): string {
  const labels = ['le', by].filter(Boolean).join(', ');
  return `histogram_quantile(${quantile}, sum by (${labels}) (rate(${spans('duration_seconds_bucket', and)}[$__rate_interval])))`;
}

/** p50, p95 and p99 with the exemplars that lead to a trace. */
export function durations(and = '') {
  return [0.5, 0.95, 0.99].map((quantile) =>
    promql(duration(quantile, '', and), `p${quantile * 100}`).exemplar(true),
  );
}

/** The kinds of spans that count as requests: answered calls and consumed messages, unless chosen otherwise. */
export const spanKind = {
  name: 'span_kind',
  label: 'Span kind',
  query: 'label_values(traces_span_metrics_calls_total, span_kind)',
  chosen: ['SPAN_KIND_SERVER', 'SPAN_KIND_CONSUMER'],
};

/** Shares of failed requests that are worth a look, and a call. */
export const ERROR_RATIO = { warning: 0.01, critical: 0.05 };
