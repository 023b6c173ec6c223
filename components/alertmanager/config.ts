/** @see https://prometheus.io/docs/alerting/latest/configuration/ */
export interface AlertmanagerConfig {
  route: Route & { group_by: string[]; group_wait: string; group_interval: string; repeat_interval: string };
  receivers: { name: string }[];
  inhibit_rules: { source_matchers: string[]; target_matchers: string[]; equal: string[] }[];
}

interface Route {
  receiver: string;
  matchers?: string[];
  group_wait?: string;
  group_interval?: string;
  repeat_interval?: string;
  routes?: Route[];
}

/** Takes alerts and notifies nobody: they are seen in Alertmanager and Grafana. */
const NOBODY = 'nobody';

/** Labels that tell one subject of an alert from another; a label that both sides lack counts as equal. */
const SUBJECT = [
  'cluster',
  'namespace',
  'job',
  'instance',
  'node',
  'pod',
  'container',
  'persistentvolumeclaim',
  'device',
];

/** Alertmanager's configuration file as an object. */
export function alertmanagerConfig(): AlertmanagerConfig {
  return {
    route: {
      receiver: NOBODY,
      group_by: ['cluster', 'namespace', 'alertname'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '12h',
      routes: [
        // fires always: its absence at the receiver is the alarm, so it is repeated often
        {
          receiver: NOBODY,
          matchers: ['alertname = "Watchdog"'],
          group_wait: '0s',
          group_interval: '1m',
          repeat_interval: '5m',
        },
      ],
    },
    receivers: [{ name: NOBODY }],
    inhibit_rules: [
      {
        source_matchers: ['severity = "critical"'],
        target_matchers: ['severity =~ "warning|info"'],
        equal: ['alertname', ...SUBJECT],
      },
      {
        source_matchers: ['severity = "warning"'],
        target_matchers: ['severity = "info"'],
        equal: ['alertname', ...SUBJECT],
      },
    ],
  };
}
