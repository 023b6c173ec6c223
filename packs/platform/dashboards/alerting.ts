import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Dashboard, PackContext } from '../../../components/contracts';
import { dashboard, type Row } from '../../dashboard';
import { promql, promqlNow, stat, table, timeseries } from '../../panels';

const ALERTMANAGER = 'job="alertmanager"';
const GRAFANA = 'job="grafana"';

const alerts: Row = {
  title: 'Alerts',
  panels: [
    stat({
      title: 'Watchdog',
      description:
        'An alert that always fires, so that silence is a fault. Without it, Prometheus evaluates no rules and no alert can be trusted.',
      query: promqlNow('max(ALERTS{alertname="Watchdog", alertstate="firing"}) or vector(0)'),
      states: { 0: 'silent', 1: 'firing' },
      thresholds: { warning: 1, critical: 0.5 },
    }),
    stat({
      title: 'Critical',
      description: 'Critical alerts that fire now.',
      query: promqlNow('count(ALERTS{alertstate="firing", severity="critical"}) or vector(0)'),
      thresholds: { warning: 1, critical: 1 },
    }),
    stat({
      title: 'Warnings',
      description: 'Warnings that fire now.',
      query: promqlNow('count(ALERTS{alertstate="firing", severity="warning"}) or vector(0)'),
      thresholds: { warning: 1, critical: 20 },
    }),
    stat({
      title: 'Pending',
      description: 'Conditions that hold, but not yet for as long as their alert asks.',
      query: promqlNow('count(ALERTS{alertstate="pending"}) or vector(0)'),
    }),
    stat({
      title: 'Silences',
      description: 'Active silences. A forgotten one hides the next fault.',
      query: promqlNow(`max(alertmanager_silences{${ALERTMANAGER}, state="active"})`),
      thresholds: { warning: 1, critical: 20 },
      noValue: '0',
    }),
    stat({
      title: 'Alertmanager’s configuration',
      description: 'Whether Alertmanager runs with the configuration on disk.',
      query: promqlNow(`min(alertmanager_config_last_reload_successful{${ALERTMANAGER}})`),
      states: { 0: 'failed', 1: 'ok' },
      thresholds: { warning: 1, critical: 0.5 },
    }),
    table({
      title: 'Firing and pending alerts',
      description: 'Every alert that fires or is about to.',
      labels: {
        alertname: 'Alert',
        alertstate: 'State',
        severity: 'Severity',
        namespace: 'Namespace',
        job: 'Job',
      },
      columns: [
        {
          title: 'Count',
          expr: 'count by (alertname, alertstate, severity, namespace, job) (ALERTS{alertname!="Watchdog"})',
        },
      ],
      noValue: 'nothing fires',
      width: 12,
    }),
    timeseries({
      title: 'Alerts firing',
      description: 'When each alert fired: what came first is often the cause.',
      stacked: true,
      min: 0,
      unit: units.Short,
      queries: [
        promql('sum by (alertname) (ALERTS{alertstate="firing", alertname!="Watchdog"})', '{{alertname}}'),
      ],
      noValue: 'nothing fired',
      width: 12,
    }),
  ],
};

const notifications: Row = {
  title: 'Alertmanager',
  panels: [
    timeseries({
      title: 'Alerts received',
      description: 'Alerts that Prometheus hands over; invalid ones are refused.',
      unit: units.EventsPerSecond,
      queries: [
        promql(
          `sum by (status) (rate(alertmanager_alerts_received_total{${ALERTMANAGER}}[$__rate_interval]))`,
          '{{status}}',
        ),
        promql(`sum(rate(alertmanager_alerts_invalid_total{${ALERTMANAGER}}[$__rate_interval]))`, 'invalid'),
      ],
    }),
    timeseries({
      title: 'Notifications and failures',
      description:
        'Notifications by receiver. Failed ones nobody saw: check the receiver’s address and credentials.',
      unit: units.Short,
      queries: [
        promql(
          `sum by (integration) (increase(alertmanager_notifications_total{${ALERTMANAGER}}[$__rate_interval])) > 0`,
          'sent {{integration}}',
        ),
        promql(
          `sum by (integration, reason) (increase(alertmanager_notifications_failed_total{${ALERTMANAGER}}[$__rate_interval])) > 0`,
          'failed {{integration}} {{reason}}',
        ),
      ],
      noValue: 'none sent',
    }),
    timeseries({
      title: 'Notification duration (p95)',
      description: 'How long a receiver takes to accept a notification.',
      unit: units.Seconds,
      min: 0,
      thresholds: { warning: 5, critical: 15 },
      queries: [
        promql(
          `histogram_quantile(0.95, sum by (le, integration) (rate(alertmanager_notification_latency_seconds_bucket{${ALERTMANAGER}}[$__rate_interval])))`,
          '{{integration}}',
        ),
      ],
      noValue: 'none sent',
    }),
  ],
};

const grafana: Row = {
  title: 'Grafana',
  panels: [
    timeseries({
      title: 'Requests by status',
      description:
        'Requests to Grafana. 5xx: Grafana or its database; 4xx in numbers: a client with wrong credentials.',
      unit: units.RequestsPerSecond,
      queries: [
        promql(
          `sum by (status_code) (rate(grafana_http_request_duration_seconds_count{${GRAFANA}}[$__rate_interval]))`,
          '{{status_code}}',
        ),
      ],
    }),
    timeseries({
      title: 'Request duration (p95)',
      description: 'How long Grafana takes, queries to its data sources included.',
      unit: units.Seconds,
      min: 0,
      thresholds: { warning: 2, critical: 10 },
      queries: [
        promql(
          `histogram_quantile(0.95, sum by (le) (rate(grafana_http_request_duration_seconds_bucket{${GRAFANA}}[$__rate_interval])))`,
          'p95',
        ),
      ],
    }),
    timeseries({
      title: 'Queries to data sources',
      description: 'Queries by data source and outcome. Errors of one source: look at that store.',
      unit: units.RequestsPerSecond,
      queries: [
        promql(
          `sum by (datasource_type, code) (rate(grafana_datasource_request_total{${GRAFANA}}[$__rate_interval]))`,
          '{{datasource_type}} {{code}}',
        ),
      ],
      noValue: 'no queries',
    }),
  ],
};

/** Whether alerts are evaluated, delivered and seen; Alertmanager's and Grafana's own health. */
export function alertingDashboard({ components }: PackContext): Dashboard {
  return dashboard({
    uid: 'platform-alerting',
    title: 'Alerting and Grafana',
    description: 'What fires, whether it was delivered, and whether Grafana answers.',
    tag: 'platform',
    from: 'now-6h',
    rows: [
      alerts,
      ...(components.includes('alertmanager') ? [notifications] : []),
      ...(components.includes('grafana') ? [grafana] : []),
    ],
  });
}
