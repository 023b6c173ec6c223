import { readFileSync, readdirSync } from 'node:fs';
import execa from 'execa';
import pRetry from 'p-retry';
import { processesOf } from '../../local/cluster/cgroup';
import { networkOf } from '../../local/cluster/network';
import { Cluster } from '../../local/provider/cluster';
import { type Span, Stores } from '../../local/stores';
import { panelQueries } from '../../packs/dashboard';
import { packs } from '../../packs';
import { SUBNET, TEST_HOME, access, command } from '../platform';
import { LOG_PROTOCOLS, METRIC_PROTOCOLS, SPAN_PROTOCOLS, sendCounter, sendLog, sendTrace } from './senders';

// a first start builds what no registry gives
jest.setTimeout(40 * 60_000);

const NAMESPACE = 'observatory';

/** Repeats a check until it holds; tells its last failure after two minutes. */
function eventually<T>(check: () => Promise<T>): Promise<T> {
  return pRetry(check, { retries: 60, factor: 1, minTimeout: 2000 });
}

/** Of this run only, since the platform keeps its data between runs. */
const run = Date.now().toString(36);
const serviceFor = (protocol: string): string => `${protocol.toLowerCase().replace(/\W+/g, '-')}-${run}`;

describe('the platform on the embedded cluster', () => {
  let summary: string;
  let cluster: Cluster;
  let stores: Stores;
  let collector: string;

  const service = (name: string): Promise<{ spec: { clusterIP: string } }> =>
    cluster.json('GET', `/api/v1/namespaces/${NAMESPACE}/services/${name}`);

  beforeAll(async () => {
    summary = await command('start');
    cluster = new Cluster(access.kubeconfig, access.context);
    stores = new Stores(cluster, NAMESPACE);
    collector = (await service('collector')).spec.clusterIP;
  });

  describe('npm start', () => {
    test("shows all three signals from the cluster's own telemetry", () => {
      expect(summary).toMatch(/spans by service.*\n +\d+ +\S+/);
      expect(summary).toMatch(/series by job.*\n +\d+ +\S+/);
      expect(summary).toMatch(/log lines by namespace.*\n +\d+ +\S+/);
    });

    test('shows one trace id in the traces and in an exemplar or a log line', () => {
      expect(summary).toMatch(
        /joined +trace [0-9a-f]{32} of \S+: in (jaeger|tempo) and on (an exemplar|a log line)/,
      );
    });

    test('reports no change the second time', async () => {
      expect(await command('start')).toContain('no change');
    });
  });

  describe('spans', () => {
    test.each(Object.keys(SPAN_PROTOCOLS))(
      'sent over %s are found with their parent, status and tags',
      async (protocol) => {
        const name = serviceFor(protocol);
        const exporter = SPAN_PROTOCOLS[protocol]!(collector);
        const traceId = await sendTrace(exporter, name, { correlation_id: `c-${name}` });
        const spans: Span[] = await eventually(async () => {
          const found = await stores.jaegerTrace(traceId);
          expect(found).toHaveLength(2);
          return found;
        });
        const byOperation = new Map(spans.map((span) => [span.operation.toLowerCase(), span]));
        expect(byOperation.get('get /grade')).toMatchObject({
          service: name,
          tags: { correlation_id: `c-${name}`, 'k8s.cluster.name': 'local' },
        });
        expect(
          byOperation.get('compile')!.tags.error ?? byOperation.get('compile')!.tags['otel.status_code'],
        ).toMatch(/true|ERROR/i);
      },
    );

    test('become request, error and duration metrics with an exemplar of their trace', async () => {
      const name = serviceFor('OTLP gRPC');
      await eventually(async () => {
        const calls = await stores.metrics(
          `traces_span_metrics_calls_total{service_name="${name}",span_kind="SPAN_KIND_SERVER"}`,
        );
        expect(calls).toMatchObject([
          { value: 1, labels: { span_name: 'GET /grade', service_namespace: 'e2e' } },
        ]);
      });
      const [traceId] = await eventually(async () => {
        const ids = await stores.exemplarTraceIds(
          `traces_span_metrics_duration_seconds_bucket{service_name="${name}"}`,
        );
        expect(ids.length).toBeGreaterThan(0);
        return ids;
      });
      expect((await stores.jaegerTrace(traceId!)).map((span) => span.service)).toContain(name);
    });
  });

  describe('metrics', () => {
    test.each(Object.keys(METRIC_PROTOCOLS))(
      'sent over %s are scraped from the collector with their labels',
      async (protocol) => {
        const name = serviceFor(protocol);
        await sendCounter(METRIC_PROTOCOLS[protocol]!(collector), name, 7);
        const found = await eventually(async () => {
          const samples = await stores.metrics(`e2e_requests_total{service_name="${name}"}`);
          expect(samples).toHaveLength(1);
          return samples;
        });
        expect(found[0]).toMatchObject({
          value: 7,
          labels: { job: `e2e/${name}`, service_namespace: 'e2e' },
        });
      },
    );

    test('every target of the cluster and the platform is up', async () => {
      await eventually(async () => {
        const down = (await stores.metrics('up == 0')).map(
          ({ labels }) => `${labels.job} ${labels.instance}`,
        );
        expect(down).toEqual([]);
      });
      const jobs = (await stores.metrics('count by (job) (up)')).map(({ labels }) => labels.job);
      expect(jobs).toEqual(
        expect.arrayContaining([
          'apiserver',
          'cadvisor',
          'collector',
          'collector-agent',
          'kubelet',
          'loki',
          'prometheus',
        ]),
      );
    });
  });

  describe('logs', () => {
    test.each(Object.keys(LOG_PROTOCOLS))('sent over %s are found by their trace id', async (protocol) => {
      const name = serviceFor(protocol);
      const [span] = await stores.jaegerSpans({ service: serviceFor('OTLP gRPC'), limit: '1' });
      const { traceId } = span!;
      await sendLog(LOG_PROTOCOLS[protocol]!(collector), name, `graded ${run}`, traceId);
      const [line] = await eventually(async () => {
        const lines = await stores.logs(`{service_name="${name}"} | trace_id="${traceId}"`);
        expect(lines).toHaveLength(1);
        return lines;
      });
      expect(line).toMatchObject({ line: `graded ${run}`, labels: { service_namespace: 'e2e' } });
    });

    test("a pod's line is found with its namespace and pod", async () => {
      const [line] = await eventually(async () => {
        const lines = await stores.logs(`{k8s_namespace_name="${NAMESPACE}"} | k8s_pod_name="prometheus-0"`);
        expect(lines.length).toBeGreaterThan(0);
        return lines;
      });
      expect(line!.labels).toMatchObject({ k8s_namespace_name: NAMESPACE, k8s_pod_name: 'prometheus-0' });
    });
  });

  describe('dashboards', () => {
    test('every query of every panel runs', async () => {
      const components = [
        'alertmanager',
        'collector',
        'collector-agent',
        'jaeger',
        'loki',
        'node-exporter',
        'prometheus',
      ];
      const retention = { metrics: '2d', logs: '2d', traces: '1d' };
      const queries = packs({ components, retention, scrapeInterval: '10s' })
        .flatMap((pack) => pack.dashboards)
        .flatMap((dashboard) =>
          panelQueries(dashboard).map((query) => ({ ...query, dashboard: dashboard.title })),
        );
      const failed: string[] = [];
      for (const { dashboard, panel, datasource, expr } of queries) {
        const ask =
          datasource === 'loki'
            ? stores.logRange(expr)
            : datasource === 'prometheus'
              ? stores.metrics(expr)
              : stores.jaegerSpans(Object.fromEntries(new URLSearchParams(expr)));
        await ask.catch((error: Error) => failed.push(`${dashboard} / ${panel}: ${expr}: ${error.message}`));
      }
      expect(failed).toEqual([]);
      expect(queries.length).toBeGreaterThan(100);
    });

    test('every rule evaluates', async () => {
      const { data } = await stores.get<{
        data: { groups: { rules: { name: string; health: string; lastError?: string }[] }[] };
      }>('prometheus', 9090, '/api/v1/rules');
      const rules = data.groups.flatMap((group) => group.rules);
      expect(rules.length).toBeGreaterThan(30);
      expect(rules.filter(({ health }) => health === 'err')).toEqual([]);
    });

    test('the watchdog reaches Alertmanager', async () => {
      await eventually(async () => {
        const alerts = await stores.get<{ labels: { alertname: string } }[]>(
          'alertmanager',
          9093,
          '/api/v2/alerts',
        );
        expect(alerts.map(({ labels }) => labels.alertname)).toContain('Watchdog');
      });
    });
  });

  describe('data', () => {
    const name = serviceFor('OTLP gRPC');
    const held = async (): Promise<void> => {
      const [span] = await stores.jaegerSpans({ service: name, limit: '1' });
      expect(span?.service).toBe(name);
      const [sample] = await stores.metrics(`max_over_time(e2e_requests_total{service_name="${name}"}[1h])`);
      expect(sample?.value).toBe(7);
      expect(await stores.logs(`{service_name="${name}"}`)).toHaveLength(1);
    };

    test.each(['jaeger', 'loki', 'prometheus'])(
      'is still there after the pod of %s was killed',
      async (store) => {
        const pod = `/api/v1/namespaces/${NAMESPACE}/pods/${store}-0`;
        const { metadata } = await cluster.json<{ metadata: { uid: string } }>('GET', pod);
        await cluster.json('DELETE', pod, { query: { gracePeriodSeconds: '0' } });
        await eventually(async () => {
          const { metadata: now, status } = await cluster.json<any>('GET', pod);
          expect(now.uid).not.toBe(metadata.uid);
          expect(status.conditions.find(({ type }: any) => type === 'Ready').status).toBe('True');
        });
        await eventually(held);
      },
    );

    test('is still there after npm stop and npm start', async () => {
      expect(await command('stop')).toContain('Stopped');
      expect(await command('start')).toContain('no change');
      await eventually(held);
    });

    test('is still there after everything was killed', async () => {
      for (const pid of processesOf(networkOf(SUBNET).id, 'all')) process.kill(pid, 'SIGKILL');
      expect(await command('start')).toContain('no change');
      await eventually(held);
    });
  });

  test('npm run clean leaves nothing on the machine', async () => {
    await command('clean');
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(TEST_HOME);
    expect((await execa('ip', ['-o', 'link'])).stdout).not.toContain(networkOf(SUBNET).link);
    expect(() => readdirSync(TEST_HOME)).toThrow('ENOENT');
  });
});
