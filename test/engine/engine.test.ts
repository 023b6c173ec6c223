import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { Engine } from '../../local/engine';
import type { ConfigValue } from '../../local/engine/workspace';
import type { OperationResult } from '../../local/engine/progress';
import { Cluster } from '../../local/provider/cluster';
import { platform } from '../../stacks/platform';
import { readSettings } from '../../stacks/settings';
import { TEST_HOME, access, command } from '../platform';

// a first start builds what no registry gives
jest.setTimeout(40 * 60_000);

const NAMESPACE = 'engine';

/** Objects that are awaited until pods are ready. */
const AWAITED = ['Deployment', 'StatefulSet', 'DaemonSet', 'Service'];

/** The stack without running pods: what is tested is what the engine does to objects. */
function withoutPods(): void {
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
    if (!AWAITED.includes(type.split(':').at(-1)!)) return undefined;
    props.metadata.annotations = { 'pulumi.com/skipAwait': 'true' };
    if (props.spec.template) props.spec.template.spec.nodeSelector = { 'observatory/none': 'true' };
    return { props, opts };
  });
}

describe('the real engine against a real API server', () => {
  let home: string;
  let cluster: Cluster;
  let config: Record<string, ConfigValue>;

  const lines: string[] = [];
  async function withEngine<T>(
    overrides: Record<string, unknown>,
    operation: (engine: Engine) => Promise<T>,
  ): Promise<T> {
    const settings = Object.entries(overrides).map(([name, value]) => [`observatory:${name}`, { value }]);
    const engine = await Engine.open({
      stack: 'dev',
      home,
      config: { ...config, ...Object.fromEntries(settings) },
      onProgress: (line) => lines.push(line),
      program: async () => {
        withoutPods();
        return { ...platform(readSettings()) };
      },
    });
    try {
      return await operation(engine);
    } finally {
      engine.close();
    }
  }

  /** `operation Kind/name` of each Kubernetes object that an operation touched, sorted. */
  function touched({ changes }: OperationResult): string[] {
    return changes
      .filter(({ type }) => type.startsWith('kubernetes:'))
      .map(({ type, name, op }) => `${op} ${type.split(':').at(-1)}/${name}`)
      .sort();
  }

  const exists = (path: string): Promise<boolean> =>
    cluster.json('GET', path).then(
      () => true,
      () => false,
    );
  const claim = (name: string): Promise<{ metadata: { uid: string } }> =>
    cluster.json('GET', `/api/v1/namespaces/${NAMESPACE}/persistentvolumeclaims/${name}`);

  const jaeger = { components: { jaeger: true, nodeExporter: false } };

  beforeAll(async () => {
    await command('start');
    home = mkdtempSync(join(TEST_HOME, 'engine-'));
    cluster = new Cluster(access.kubeconfig, access.context);
    config = {
      'kubernetes:kubeconfig': { value: access.kubeconfig },
      'kubernetes:context': { value: access.context },
      'observatory:namespace': { value: NAMESPACE },
      'observatory:volumes': { value: { loki: '20Gi' } },
      'observatory:grafanaAdminPassword': { value: 'correct horse', secret: true },
    };
  });

  afterAll(() => rmSync(home, { recursive: true, force: true }));

  test('a wrong setting is one clear error, and nothing reaches the cluster', async () => {
    await expect(withEngine({ retention: { logs: '12h' } }, (engine) => engine.up())).rejects.toThrow(
      'Pulumi.dev.yaml: observatory:retention.logs "12h" is shorter than Loki\'s minimum of 24h; use 24h or more',
    );
    expect(await exists(`/api/v1/namespaces/${NAMESPACE}`)).toBe(false);
  });

  test('preview plans only creations and makes none of them', async () => {
    const plan = await withEngine(jaeger, (engine) => engine.preview());
    expect(touched(plan).filter((line) => !line.startsWith('create '))).toEqual([]);
    expect(touched(plan).length).toBeGreaterThan(60);
    expect(await exists(`/api/v1/namespaces/${NAMESPACE}`)).toBe(false);
  });

  test('up creates what preview has planned', async () => {
    const plan = await withEngine(jaeger, (engine) => engine.preview());
    const done = await withEngine(jaeger, (engine) => engine.up());
    expect(touched(done)).toEqual(touched(plan));
    expect(await exists(`/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets/loki`)).toBe(true);
  });

  test('no output and no line of progress shows the password', async () => {
    const outputs = await withEngine(jaeger, (engine) => engine.outputs());
    expect(outputs.otlp?.value).toEqual({
      grpc: `http://collector.${NAMESPACE}.svc:4317`,
      http: `http://collector.${NAMESPACE}.svc:4318`,
    });
    expect(JSON.stringify(outputs) + lines.join('\n')).not.toContain('correct horse');
  });

  test('a second up changes nothing', async () => {
    const { counts } = await withEngine(jaeger, (engine) => engine.up());
    expect(Object.keys(counts)).toEqual(['same']);
  });

  test('refresh finds no drift, and finds an edit by hand', async () => {
    const drift = (): Promise<string[]> =>
      withEngine(jaeger, (engine) => engine.refresh({ previewOnly: true })).then(touched);
    expect(await drift()).toEqual([]);
    await cluster.json('PATCH', `/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets/loki`, {
      body: { spec: { replicas: 0 } },
      contentType: 'application/merge-patch+json',
    });
    expect(await drift()).toEqual(['update StatefulSet/loki']);
    await withEngine(jaeger, (engine) => engine.refresh());
    expect(touched(await withEngine(jaeger, (engine) => engine.up()))).toEqual(['update StatefulSet/loki']);
  });

  test('a changed retention of logs updates exactly what it concerns', async () => {
    const longer = { ...jaeger, retention: { metrics: '7d', logs: '14d', traces: '3d' } };
    expect(touched(await withEngine(longer, (engine) => engine.up()))).toEqual([
      // the overview shows the retention
      'replace ConfigMap/grafana-dashboards-platform',
      'replace ConfigMap/loki-config',
      'update StatefulSet/grafana',
      'update StatefulSet/loki',
    ]);
    await withEngine(jaeger, (engine) => engine.up());
  });

  test('a removed component is deleted, its claim stays and is taken again', async () => {
    const before = await claim('data-jaeger-0');
    await withEngine({ components: { nodeExporter: false } }, (engine) => engine.up());
    expect(await exists(`/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets/jaeger`)).toBe(false);
    expect((await claim('data-jaeger-0')).metadata.uid).toBe(before.metadata.uid);
    await withEngine(jaeger, (engine) => engine.up());
    expect((await claim('data-jaeger-0')).metadata.uid).toBe(before.metadata.uid);
  });

  test('protected claims and namespaces are not destroyed', async () => {
    const kept = { ...jaeger, storage: { protect: true } };
    await withEngine(kept, (engine) => engine.up());
    await expect(withEngine(kept, (engine) => engine.destroy())).rejects.toThrow(/protect/);
    expect(await exists(`/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets/loki`)).toBe(true);
    await withEngine(jaeger, (engine) => engine.up());
  });

  test('destroy leaves the cluster clean', async () => {
    await withEngine(jaeger, (engine) => engine.destroy());
    const left = ['', '-agent'].map((suffix) => `/api/v1/namespaces/${NAMESPACE}${suffix}`);
    expect(await Promise.all(left.map(exists))).toEqual([false, false]);
    const roles = await cluster.json<{ items: { metadata: { name: string } }[] }>(
      'GET',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    );
    expect(roles.items.filter(({ metadata }) => metadata.name.startsWith(`${NAMESPACE}-`))).toEqual([]);
  });
});
