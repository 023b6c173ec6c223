import { DataqueryBuilder as TempoQuery } from '@grafana/grafana-foundation-sdk/tempo';
import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Dashboard, PackContext } from '../../../components/contracts';
import { dashboard, type Row } from '../../dashboard';
import { datasourceRef, nodeGraph, promql, table, timeseries } from '../../panels';
import { duration, ERROR_RATIO, errorRatio, requestRate, spanKind } from './red';

const SERVICE_LINK = {
  title: 'Open the service',
  url: '/d/platform-service?var-service=${__value.raw}&${__url_time_range}',
};

const services: Row = {
  title: 'Services',
  panels: [
    table({
      title: 'Services',
      description:
        'Every service that sends traces, with the rate, failures and duration of its requests. A click on a name opens it.',
      labels: { service_name: 'Service' },
      links: [SERVICE_LINK],
      columns: [
        { title: 'Requests', unit: units.RequestsPerSecond, expr: requestRate('service_name') },
        {
          title: 'Failed',
          unit: units.PercentUnit,
          decimals: 2,
          thresholds: ERROR_RATIO,
          expr: errorRatio('service_name'),
        },
        { title: 'p50', unit: units.Seconds, expr: duration(0.5, 'service_name') },
        { title: 'p95', unit: units.Seconds, expr: duration(0.95, 'service_name') },
        { title: 'p99', unit: units.Seconds, expr: duration(0.99, 'service_name') },
      ],
      noValue: 'no service sends traces of this kind; choose another span kind',
      height: 10,
    }),
    timeseries({
      title: 'Requests',
      description: 'Requests by service. A service that falls to nothing stopped, or those that call it did.',
      unit: units.RequestsPerSecond,
      queries: [promql(requestRate('service_name'), '{{service_name}}')],
    }),
    timeseries({
      title: 'Failed requests',
      description: 'Share of failed requests by service. The first to rise is nearest to the cause.',
      unit: units.PercentUnit,
      min: 0,
      thresholds: ERROR_RATIO,
      queries: [promql(errorRatio('service_name'), '{{service_name}}')],
    }),
    timeseries({
      title: 'Duration (p95)',
      description:
        'Time within which 95 % of requests are answered. Points are single requests: a click opens the trace.',
      unit: units.Seconds,
      min: 0,
      queries: [promql(duration(0.95, 'service_name'), '{{service_name}}').exemplar(true)],
    }),
  ],
};

const calls: Row = {
  title: 'Who calls whom',
  panels: [
    table({
      title: 'Calls between services',
      description: 'Calls by caller and callee, from pairs of client and server spans.',
      labels: { client: 'Caller', server: 'Callee' },
      columns: [
        {
          title: 'Calls',
          unit: units.RequestsPerSecond,
          expr: 'sum by (client, server) (rate(traces_service_graph_request_total[$__rate_interval]))',
        },
        {
          title: 'Failed',
          unit: units.RequestsPerSecond,
          expr: 'sum by (client, server) (rate(traces_service_graph_request_failed_total[$__rate_interval]))',
        },
        {
          title: 'p95 at the callee',
          unit: units.Seconds,
          expr: 'histogram_quantile(0.95, sum by (le, client, server) (rate(traces_service_graph_request_server_seconds_bucket[$__rate_interval])))',
        },
      ],
      noValue: 'no calls between services',
    }),
  ],
};

const map = nodeGraph({
  title: 'Service map',
  description: 'Who calls whom, how often and how long. Red rings are failures.',
  query: new TempoQuery().datasource(datasourceRef('tempo')).queryType('serviceMap'),
});

/** Rate, errors and duration of every service that sends traces. */
export function servicesDashboard({ components }: PackContext): Dashboard {
  return dashboard({
    uid: 'platform-services',
    title: 'Services',
    description:
      'Rate, errors and duration of every service that sends traces, from metrics made of its spans.',
    tag: 'platform',
    variables: [spanKind],
    rows: [services, components.includes('tempo') ? { ...calls, panels: [map, ...calls.panels] } : calls],
  });
}
