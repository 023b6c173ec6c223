import { DataqueryBuilder as TempoQuery } from '@grafana/grafana-foundation-sdk/tempo';
import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Dashboard, PackContext } from '../../../components/contracts';
import { dashboard, type Row } from '../../dashboard';
import {
  datasourceRef,
  list,
  logql,
  logs,
  promql,
  promqlNow,
  stat,
  table,
  timeseries,
  type Query,
} from '../../panels';
import { duration, durations, ERROR_RATIO, errorRatio, requestRate, spanKind } from './red';

const SERVICE = 'service_name=~"$service"';
const CALLS = { 'the service calls': 'client=~"$service"', 'call the service': 'server=~"$service"' };

const requests: Row = {
  title: 'Requests',
  panels: [
    stat({
      title: 'Requests',
      description: 'Requests per second.',
      unit: units.RequestsPerSecond,
      query: promqlNow(requestRate('', SERVICE)),
      noValue: 'no requests',
      width: 6,
    }),
    stat({
      title: 'Failed',
      description: 'Share of requests that failed.',
      unit: units.PercentUnit,
      decimals: 2,
      query: promqlNow(errorRatio('', SERVICE)),
      thresholds: ERROR_RATIO,
      noValue: 'no requests',
      width: 6,
    }),
    stat({
      title: 'p50',
      description: 'Time within which half of the requests are answered.',
      unit: units.Seconds,
      query: promqlNow(duration(0.5, '', SERVICE)),
      noValue: 'no requests',
      width: 6,
    }),
    stat({
      title: 'p99',
      description: 'Time within which 99 % of the requests are answered.',
      unit: units.Seconds,
      query: promqlNow(duration(0.99, '', SERVICE)),
      noValue: 'no requests',
      width: 6,
    }),
    timeseries({
      title: 'Requests by outcome',
      description: 'Requests per second by status of the span.',
      unit: units.RequestsPerSecond,
      stacked: true,
      min: 0,
      queries: [promql(requestRate('status_code', SERVICE), '{{status_code}}')],
    }),
    timeseries({
      title: 'Failed requests by operation',
      description: 'Share of failed requests of each operation.',
      unit: units.PercentUnit,
      min: 0,
      thresholds: ERROR_RATIO,
      queries: [promql(errorRatio('span_name', SERVICE), '{{span_name}}')],
    }),
    timeseries({
      title: 'Duration',
      description: 'p50, p95 and p99. Points are single requests: a click opens the trace.',
      unit: units.Seconds,
      min: 0,
      queries: durations(SERVICE),
    }),
    table({
      title: 'Operations',
      description: 'Rate, failures and duration of each operation.',
      labels: { span_name: 'Operation' },
      columns: [
        { title: 'Requests', unit: units.RequestsPerSecond, expr: requestRate('span_name', SERVICE) },
        {
          title: 'Failed',
          unit: units.PercentUnit,
          decimals: 2,
          thresholds: ERROR_RATIO,
          expr: errorRatio('span_name', SERVICE),
        },
        { title: 'p95', unit: units.Seconds, expr: duration(0.95, 'span_name', SERVICE) },
        { title: 'p99', unit: units.Seconds, expr: duration(0.99, 'span_name', SERVICE) },
      ],
      noValue: 'no requests',
    }),
  ],
};

const neighbours: Row = {
  title: 'Neighbours',
  panels: Object.entries(CALLS).map(([what, matcher]) =>
    timeseries({
      title: `Services that ${what}`,
      description: 'Calls per second, and those that failed: whether the fault is here or at a neighbour.',
      unit: units.RequestsPerSecond,
      min: 0,
      queries: [
        promql(
          `sum by (client, server) (rate(traces_service_graph_request_total{${matcher}}[$__rate_interval]))`,
          '{{client}} → {{server}}',
        ),
        promql(
          `sum by (client, server) (rate(traces_service_graph_request_failed_total{${matcher}}[$__rate_interval]))`,
          '{{client}} → {{server}} failed',
        ),
      ],
      noValue: 'none',
      width: 12,
    }),
  ),
};

const traceql = (filter: string): Query =>
  new TempoQuery()
    .datasource(datasourceRef('tempo'))
    .queryType('traceql')
    .query(`{resource.service.name=~"$service"${filter}}`)
    .limit(20);

const tempoTraces: Row = {
  title: 'Traces',
  panels: [
    list({
      title: 'Newest traces',
      description: 'The newest traces that this service took part in. A click on the id opens the trace.',
      query: traceql(''),
      noValue: 'no traces',
    }),
    list({
      title: 'Newest failed traces',
      description: 'The newest traces with a failed span of this service.',
      query: traceql(' && status=error'),
      noValue: 'no failed traces',
    }),
  ],
};

/** A search of Grafana's Jaeger data source, for which the SDK has no builder. */
const jaegerSearch: Query = {
  build: () => ({
    datasource: datasourceRef('jaeger'),
    queryType: 'search',
    service: '$service',
    limit: 20,
    _implementsDataqueryVariant() {},
  }),
};

const jaegerTraces: Row = {
  title: 'Traces',
  panels: [
    list({
      title: 'Newest traces',
      description: 'The newest traces that this service took part in. A click on the id opens the trace.',
      query: jaegerSearch,
      noValue: 'no traces',
      width: 24,
    }),
  ],
};

const lines: Row = {
  title: 'Logs',
  panels: [
    timeseries({
      title: 'Lines by level',
      description: 'Log lines of the service by detected level.',
      unit: units.Short,
      stacked: true,
      min: 0,
      queries: [
        logql(
          'sum by (detected_level) (count_over_time({service_name=~"$service"} [$__auto]))',
          '{{detected_level}}',
        ),
      ],
      noValue: 'no lines',
      width: 24,
      height: 6,
    }),
    logs({
      title: 'Lines',
      description: 'Newest lines of the service. The details of a line lead to its trace.',
      query: logql('{service_name=~"$service"}'),
      noValue: 'no lines',
    }),
  ],
};

/** One service: its requests, operations, neighbours, traces and logs. */
export function serviceDashboard({ components }: PackContext): Dashboard {
  return dashboard({
    uid: 'platform-service',
    title: 'Service',
    description:
      'One service: rate, errors and duration of its requests, its neighbours, its traces and its logs.',
    tag: 'platform',
    variables: [
      {
        name: 'service',
        label: 'Service',
        query: 'label_values(traces_span_metrics_calls_total, service_name)',
        single: true,
      },
      spanKind,
    ],
    rows: [
      requests,
      neighbours,
      ...(components.includes('tempo') ? [tempoTraces] : []),
      ...(components.includes('jaeger') && !components.includes('tempo') ? [jaegerTraces] : []),
      ...(components.includes('loki') ? [lines] : []),
    ],
  });
}
