import { SettingsError, parseSettings } from '../../stacks/settings';

const source = { stack: 'dev', secretKeys: ['grafanaAdminPassword'] };
const password = { grafanaAdminPassword: 'correct horse' };

function problems(raw: Record<string, unknown>, secretKeys = source.secretKeys): string[] {
  try {
    parseSettings({ ...password, ...raw }, { ...source, secretKeys });
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

/** Wrong settings and the one line that each gives, after `Pulumi.dev.yaml: observatory:`. */
const WRONG: [string, Record<string, unknown>, string][] = [
  [
    'logs kept shorter than Loki can',
    { retention: { logs: '12h' } },
    'retention.logs "12h" is shorter than Loki\'s minimum of 24h; use 24h or more',
  ],
  [
    'metrics kept for an hour',
    { retention: { metrics: '1h' } },
    'retention.metrics "1h" is shorter than Prometheus\' sensible minimum of 1d; use 1d or more',
  ],
  [
    'traces kept for a minute',
    { retention: { traces: '1m' } },
    'retention.traces "1m" is shorter than the sensible minimum of 1h; use 1h or more',
  ],
  [
    'traces kept for a century',
    { retention: { traces: '100y' } },
    'retention.traces "100y" is longer than 10y; use 10y or less',
  ],
  [
    'a retention without unit',
    { retention: { metrics: '7' } },
    'retention.metrics "7" must be a whole number and a unit of s, m, h, d, w or y, such as 12h or 7d',
  ],
  [
    'a retention as a number',
    { retention: { metrics: 7 } },
    'retention.metrics 7 must be a whole number and a unit of s, m, h, d, w or y, such as 12h or 7d',
  ],
  ['a retention as text', { retention: '7d' }, 'retention "7d" must be a map of metrics, logs, traces'],
  [
    'a misspelt setting',
    { retenton: { logs: '7d' } },
    'retenton is not a setting; did you mean retention? (known: agent, cluster, collector, components, grafana, ' +
      'grafanaAdminPassword, images, ingest, namespace, network, resources, retention, scrape, size, storage, volumes)',
  ],
  [
    'a misspelt key',
    { retention: { metric: '7d' } },
    'retention.metric is not a setting; did you mean metrics? (known: logs, metrics, traces)',
  ],
  [
    'a misspelt image',
    { images: { lokki: { version: '3.7.8' } } },
    'images.lokki is not a setting; did you mean loki? (known: alertmanager, collector, grafana, jaeger, ' +
      'kube-state-metrics, loki, node-exporter, prometheus, registry, tempo)',
  ],
  [
    'a key of an image',
    { images: { loki: { tag: '3.7.8' } } },
    'images.loki.tag is not a setting; did you mean digest? (known: digest, registry, repository, version)',
  ],
  [
    'an image that is not pinned',
    { images: { loki: { version: 'latest' } } },
    'images.loki.version "latest" must be an exact version such as 3.7.8, never latest',
  ],
  [
    'a digest of another kind',
    { images: { tempo: { digest: 'md5:1234' } } },
    'images.tempo.digest "md5:1234" must be sha256: and 64 hexadecimal digits',
  ],
  [
    'a registry with a scheme',
    { images: { registry: 'HTTPS://mirror' } },
    'images.registry "HTTPS://mirror" must be a registry host such as mirror.example.com:5000',
  ],
  ['an unknown size', { size: 'huge' }, 'size "huge" must be single'],
  ['an unknown storage', { storage: { type: 'nfs' } }, 'storage.type "nfs" must be filesystem'],
  ['a flag in words', { storage: { protect: 'yes' } }, 'storage.protect "yes" must be true or false'],
  [
    'a storage class in capitals',
    { storage: { storageClass: 'GP3' } },
    'storage.storageClass "GP3" must be the name of a StorageClass',
  ],
  [
    'no series at all',
    { ingest: { metrics: { activeSeries: 0 } } },
    'ingest.metrics.activeSeries 0 must be a whole number of series from 1000 to 20000000',
  ],
  [
    'ingest in words',
    { ingest: { logs: { gbPerDay: 'two' } } },
    'ingest.logs.gbPerDay "two" must be a number of gigabytes from 0.01 to 10000',
  ],
  [
    'a volume of 10 GB',
    { volumes: { loki: '10GB' } },
    'volumes.loki "10GB" must be a whole number and a unit of Ki, Mi, Gi or Ti, such as 20Gi',
  ],
  [
    'a volume too small for the metrics',
    { volumes: { prometheus: '2Gi' } },
    'volumes.prometheus "2Gi" is too small: 50000 series kept for 7d needs 3Gi; use 3Gi or more, leave it out, ' +
      'or lower retention or ingest',
  ],
  [
    'a volume too small for the logs',
    { retention: { logs: '30d' }, ingest: { logs: { gbPerDay: 20 } }, volumes: { loki: '100Gi' } },
    'volumes.loki "100Gi" is too small: 20 GB of logs a day kept for 30d needs 281Gi; use 281Gi or more, ' +
      'leave it out, or lower retention or ingest',
  ],
  [
    'a volume too small for the traces',
    { ingest: { traces: { gbPerDay: 50 } }, volumes: { tempo: '10Gi' } },
    'volumes.tempo "10Gi" is too small: 50 GB of traces a day kept for 3d needs 88Gi; use 88Gi or more, ' +
      'leave it out, or lower retention or ingest',
  ],
  [
    'memory below what starts',
    { resources: { loki: { memory: '1Mi' } } },
    'resources.loki.memory "1Mi" is less than 32Mi; use 32Mi or more',
  ],
  [
    'a CPU request in words',
    { resources: { loki: { cpu: 'one' } } },
    'resources.loki.cpu "one" must be a CPU quantity such as 250m or 2',
  ],
  [
    'no store for traces',
    { components: { tempo: false } },
    'components leaves no store for traces; set components.tempo or components.jaeger to true',
  ],
  [
    'a scrape every second',
    { scrape: { interval: '1s' } },
    'scrape.interval "1s" is shorter than the minimum of 5s; use 5s or more',
  ],
  [
    'a scrape that makes series stale',
    { scrape: { interval: '10m' } },
    'scrape.interval "10m" is longer than 2m; use 2m or less',
  ],
  [
    'a name as an address',
    { collector: { clusterIP: 'collector' } },
    'collector.clusterIP "collector" must be an IPv4 address of the Service range',
  ],
  [
    'a relative path',
    { agent: { podLogs: 'var/log' } },
    'agent.podLogs "var/log" must be an absolute path such as /var/log/pods',
  ],
  [
    'an address without scheme',
    { grafana: { rootUrl: 'observe' } },
    'grafana.rootUrl "observe" must be a URL such as https://observe.example.com',
  ],
  [
    'a namespace in capitals',
    { namespace: 'Observatory' },
    'namespace "Observatory" must be a DNS label: at most 57 lower-case letters, digits and dashes',
  ],
  [
    'an address without range',
    { network: { nodes: ['10.0.0.1'] } },
    'network.nodes.0 "10.0.0.1" must be an address range such as 10.0.0.0/8',
  ],
  [
    'no application namespace',
    { network: { applicationNamespaces: [] } },
    'network.applicationNamespaces must not be empty',
  ],
  [
    'a port beyond the last',
    { network: { apiServer: { ports: [70000] } } },
    'network.apiServer.ports.0 70000 must be a port from 1 to 65535',
  ],
  [
    'a short password',
    { grafanaAdminPassword: 'short' },
    'grafanaAdminPassword is shorter than 8 characters; use 8 or more',
  ],
];

describe('settings', () => {
  test.each(WRONG)('%s is one clear error', (_what, raw, message) => {
    expect(problems(raw)).toEqual([`Pulumi.dev.yaml: observatory:${message}`]);
  });

  test('a missing password names the command that sets it', () => {
    expect(problems({ grafanaAdminPassword: undefined })).toEqual([
      'Pulumi.dev.yaml: observatory:grafanaAdminPassword is not set, and Grafana needs it; run: ' +
        'pulumi config set --secret observatory:grafanaAdminPassword --stack dev',
    ]);
  });

  test('a password in plain text is refused and not repeated', () => {
    const [problem] = problems({}, []);
    expect(problem).toContain('grafanaAdminPassword stands there in plain text');
    expect(problem).not.toContain(password.grafanaAdminPassword);
  });

  test('no password is needed without Grafana', () => {
    expect(problems({ grafanaAdminPassword: undefined, components: { grafana: false } })).toEqual([]);
  });

  test('all problems are told at once, those between settings included', () => {
    const told = problems({
      retenton: {},
      retention: { logs: '12h' },
      components: { tempo: false },
      volumes: { prometheus: '1Gi' },
      grafanaAdminPassword: undefined,
    });
    expect(told.map((line) => line.split(' ')[1])).toEqual([
      'observatory:retention.logs',
      'observatory:retenton',
      'observatory:volumes.prometheus',
      'observatory:components',
      'observatory:grafanaAdminPassword',
    ]);
  });

  test('a wrong retention does not draw a second error about its volume', () => {
    expect(problems({ retention: { metrics: 'long' }, volumes: { prometheus: '3Gi' } })).toHaveLength(1);
  });

  test('defaults make a small, complete platform', () => {
    expect(parseSettings(password, source)).toEqual({
      cluster: 'dev',
      size: 'single',
      retention: { metrics: '7d', logs: '7d', traces: '3d' },
      ingest: { metrics: { activeSeries: 50_000 }, logs: { gbPerDay: 2 }, traces: { gbPerDay: 1 } },
      scrape: { interval: '30s', outOfOrderWindow: '30m' },
      storage: { type: 'filesystem', protect: true },
      volumes: {},
      resources: {},
      components: {
        agent: true,
        grafana: true,
        jaeger: false,
        kubeStateMetrics: true,
        nodeExporter: true,
        tempo: true,
      },
      collector: { debug: false },
      agent: { podLogs: '/var/log/pods', state: '/var/lib/observatory-agent' },
      grafana: { adminUser: 'admin' },
      grafanaAdminPassword: 'correct horse',
      images: {},
      namespace: 'observatory',
      network: {
        nodes: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'],
        apiServer: {
          cidrs: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'],
          ports: [443, 6443],
        },
      },
    });
  });
});
