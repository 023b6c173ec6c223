import type { RuleGroup } from '../../../components/contracts';
import { alert } from '../../alert';

const JOB = 'job="grafana"';

/** Grafana: its own answers and those of its data sources. */
export function grafanaRules(): RuleGroup {
  return {
    name: 'grafana',
    rules: [
      alert('GrafanaRequestErrors', {
        severity: 'warning',
        expr: `
          sum by (job, handler) (rate(grafana_http_request_duration_seconds_count{${JOB},status_code=~"5.."}[5m]))
          / sum by (job, handler) (rate(grafana_http_request_duration_seconds_count{${JOB}}[5m])) > 0.1`,
        for: '10m',
        summary: 'Grafana answers with errors.',
        description:
          '{{ $value | humanizePercentage }} of the requests to {{ $labels.handler }} fail with 5xx.',
      }),
      alert('GrafanaDatasourceErrors', {
        severity: 'warning',
        expr: `
          sum by (job, datasource) (rate(grafana_datasource_request_total{${JOB},code=~"5.."}[5m]))
          / sum by (job, datasource) (rate(grafana_datasource_request_total{${JOB}}[5m])) > 0.1`,
        for: '10m',
        summary: 'A data source answers Grafana with errors.',
        description:
          '{{ $value | humanizePercentage }} of the queries to the data source {{ $labels.datasource }} fail with 5xx.',
      }),
    ],
  };
}
