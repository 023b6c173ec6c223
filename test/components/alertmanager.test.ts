import { alertmanagerConfig } from '../../components/alertmanager/config';

const config = alertmanagerConfig();

test('alerts are grouped by what they are about, at the usual times', () => {
  expect(config.route).toMatchObject({
    group_by: ['cluster', 'namespace', 'alertname'],
    group_wait: '30s',
    group_interval: '5m',
    repeat_interval: '12h',
  });
});

test('the watchdog has a route of its own that repeats often', () => {
  expect(config.route.routes).toEqual([
    {
      receiver: 'nobody',
      matchers: ['alertname = "Watchdog"'],
      group_wait: '0s',
      group_interval: '1m',
      repeat_interval: '5m',
    },
  ]);
});

test('every route leads to a receiver', () => {
  const named = [config.route, ...(config.route.routes ?? [])].map(({ receiver }) => receiver);
  const receivers = config.receivers.map(({ name }) => name);
  expect(named.filter((name) => !receivers.includes(name))).toEqual([]);
});

test('a severer alert silences the milder ones of the same subject only', () => {
  expect(
    config.inhibit_rules.map(({ source_matchers, target_matchers }) => [source_matchers, target_matchers]),
  ).toEqual([
    [['severity = "critical"'], ['severity =~ "warning|info"']],
    [['severity = "warning"'], ['severity = "info"']],
  ]);
  for (const { equal } of config.inhibit_rules) {
    expect(equal).toEqual(
      expect.arrayContaining(['alertname', 'namespace', 'node', 'persistentvolumeclaim']),
    );
  }
});
