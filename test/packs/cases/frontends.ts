import type { AlertCase } from './case';

const AM = 'job="alertmanager",instance="alertmanager-0"';
const GRAFANA = 'job="grafana",instance="grafana-0"';
const alertmanager = { job: 'alertmanager', instance: 'alertmanager-0' };

export const alertmanagerCases: AlertCase[] = [
  {
    alert: 'AlertmanagerConfigReloadFailed',
    severity: 'critical',
    fires: {
      series: { [`alertmanager_config_last_reload_successful{${AM}}`]: '0x20' },
      at: '11m',
      alerts: [{ labels: alertmanager, description: 'alertmanager-0 could not load its configuration.' }],
    },
    silent: { series: { [`alertmanager_config_last_reload_successful{${AM}}`]: '0x8 1x20' }, at: '11m' },
  },
  {
    alert: 'AlertmanagerNotificationsFailing',
    severity: 'critical',
    fires: {
      series: {
        [`alertmanager_notifications_failed_total{${AM},integration="slack",reason="serverError"}`]: '0+1x30',
        [`alertmanager_notifications_failed_total{${AM},integration="slack",reason="clientError"}`]: '0+1x30',
        [`alertmanager_notifications_total{${AM},integration="slack"}`]: '0+4x30',
      },
      at: '11m',
      alerts: [
        {
          labels: { ...alertmanager, integration: 'slack' },
          description: '50% of the notifications of alertmanager-0 to slack fail.',
        },
      ],
    },
    silent: {
      series: {
        [`alertmanager_notifications_failed_total{${AM},integration="slack",reason="serverError"}`]:
          '0+1x3 3x30',
        [`alertmanager_notifications_total{${AM},integration="slack"}`]: '0+4x30',
      },
      at: '11m',
    },
  },
  {
    alert: 'AlertmanagerStateNotSaved',
    severity: 'warning',
    fires: {
      series: {
        [`alertmanager_silences_maintenance_errors_total{${AM}}`]: '0+0.1x100',
        [`alertmanager_nflog_maintenance_errors_total{${AM}}`]: '0x100',
      },
      at: '70m',
      alerts: [
        {
          labels: alertmanager,
          description: 'alertmanager-0 failed 6 times in an hour to save silences or the notification log.',
        },
      ],
    },
    silent: {
      series: {
        [`alertmanager_silences_maintenance_errors_total{${AM}}`]: '0x5 1x100',
        [`alertmanager_nflog_maintenance_errors_total{${AM}}`]: '0x100',
      },
      at: '70m',
    },
  },
];

const answers = (metric: string, label: string, failed: number): Record<string, string> => ({
  [`${metric},${label}="200"}`]: `0+${60 - failed}x30`,
  [`${metric},${label}="502"}`]: `0+${failed}x30`,
});
const HTTP = `grafana_http_request_duration_seconds_count{${GRAFANA},handler="/api/ds/query"`;
const DATASOURCE = `grafana_datasource_request_total{${GRAFANA},datasource="Loki"`;

export const grafanaCases: AlertCase[] = [
  {
    alert: 'GrafanaRequestErrors',
    severity: 'warning',
    fires: {
      series: answers(HTTP, 'status_code', 15),
      at: '16m',
      alerts: [
        {
          labels: { job: 'grafana', handler: '/api/ds/query' },
          description: '25% of the requests to /api/ds/query fail with 5xx.',
        },
      ],
    },
    silent: { series: answers(HTTP, 'status_code', 6), at: '16m' },
  },
  {
    alert: 'GrafanaDatasourceErrors',
    severity: 'warning',
    fires: {
      series: answers(DATASOURCE, 'code', 30),
      at: '16m',
      alerts: [
        {
          labels: { job: 'grafana', datasource: 'Loki' },
          description: '50% of the queries to the data source Loki fail with 5xx.',
        },
      ],
    },
    silent: { series: answers(DATASOURCE, 'code', 6), at: '16m' },
  },
];
