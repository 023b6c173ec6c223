import { parse } from 'yaml';
import { prometheusConfig, ruleFiles, type PrometheusSettings } from '../../components/prometheus/config';
import type { RelabelConfig, ScrapeConfig } from '../../components/prometheus/scrape';

const settings: PrometheusSettings = {
  retention: { time: '7d', size: '17GiB' },
  cluster: 'dev',
  scrapeInterval: '30s',
  outOfOrderWindow: '20m',
  alertmanager: { dnsName: 'alertmanager-headless.observatory.svc', port: 9093 },
  namespaces: ['observatory', 'observatory-agent'],
};

const config = prometheusConfig(settings);

function job(name: string): ScrapeConfig {
  const found = config.scrape_configs.find(({ job_name }) => job_name === name);
  if (!found) throw new Error(`no job ${name}`);
  return found;
}

/** Relabelling as Prometheus does it, for the actions in use; undefined when the target or sample is dropped. */
function relabel(
  steps: RelabelConfig[] = [],
  labels: Record<string, string>,
): Record<string, string> | undefined {
  const result = { ...labels };
  for (const { source_labels = [], regex = '(.*)', action, target_label, replacement = '$1' } of steps) {
    const value = source_labels.map((name) => result[name] ?? '').join(';');
    const match = new RegExp(`^(?:${regex})$`, 's').exec(value);
    if (action === 'keep' && !match) return undefined;
    if (action === 'drop' && match) return undefined;
    if (!action && match && target_label)
      result[target_label] = replacement.replace(
        /\$(\d)/g,
        (_all, group: string) => match[Number(group)] ?? '',
      );
  }
  return Object.fromEntries(
    Object.entries(result).filter(([name, value]) => value && !name.startsWith('__meta_')),
  );
}

const POD = '__meta_kubernetes_pod';
const pod = (extra: Record<string, string>): Record<string, string> => ({
  __address__: '10.0.0.7:3100',
  __meta_kubernetes_namespace: 'observatory',
  [`${POD}_name`]: 'loki-0',
  [`${POD}_node_name`]: 'n1',
  [`${POD}_phase`]: 'Running',
  [`${POD}_container_init`]: 'false',
  [`${POD}_controller_kind`]: 'StatefulSet',
  [`${POD}_controller_name`]: 'loki',
  [`${POD}_label_app_kubernetes_io_name`]: 'loki',
  [`${POD}_container_port_name`]: 'metrics',
  ...extra,
});

test('what follows the settings', () => {
  expect(config.global).toEqual({
    scrape_interval: '30s',
    scrape_timeout: '10s',
    evaluation_interval: '30s',
    scrape_native_histograms: true,
    always_scrape_classic_histograms: true,
    external_labels: { cluster: 'dev' },
  });
  expect(config.storage).toEqual({
    tsdb: { retention: { time: '7d', size: '17GiB' }, out_of_order_time_window: '20m' },
  });
  expect(config.alerting).toEqual({
    alertmanagers: [
      { dns_sd_configs: [{ names: ['alertmanager-headless.observatory.svc'], type: 'A', port: 9093 }] },
    ],
  });
});

test('a scrape times out before the next begins', () => {
  expect(prometheusConfig({ ...settings, scrapeInterval: '5s' }).global.scrape_timeout).toBe('5s');
});

test('the jobs', () => {
  expect(config.scrape_configs.map(({ job_name }) => job_name)).toEqual([
    'platform',
    'kube-state-metrics',
    'app-metrics',
    'kubelet',
    'cadvisor',
    'apiserver',
    'annotated-pods',
    'annotated-services',
  ]);
});

test("the platform's pods are looked for in its namespaces only", () => {
  for (const name of ['platform', 'kube-state-metrics', 'app-metrics']) {
    expect(job(name).kubernetes_sd_configs).toEqual([
      { role: 'pod', namespaces: { names: ['observatory', 'observatory-agent'] } },
    ]);
  }
});

describe('platform', () => {
  const labels = (extra: Record<string, string>) => relabel(job('platform').relabel_configs, pod(extra));

  test('a component is the job, its pod the instance', () => {
    expect(labels({})).toEqual({
      __address__: '10.0.0.7:3100',
      job: 'loki',
      instance: 'loki-0',
      namespace: 'observatory',
      node: 'n1',
      pod: 'loki-0',
    });
  });

  test("a DaemonSet's pod goes by its node", () => {
    expect(labels({ [`${POD}_name`]: 'agent-x7k2p', [`${POD}_controller_kind`]: 'DaemonSet' })).toMatchObject(
      {
        instance: 'n1',
        node: 'n1',
      },
    );
    expect(labels({ [`${POD}_controller_kind`]: 'DaemonSet' })).not.toHaveProperty('pod');
  });

  test.each([
    ['another port', { [`${POD}_container_port_name`]: 'otlp-grpc' }],
    ["the applications' metrics", { [`${POD}_container_port_name`]: 'app-metrics' }],
    ['a pod that has ended', { [`${POD}_phase`]: 'Succeeded' }],
    ['kube-state-metrics', { [`${POD}_label_app_kubernetes_io_name`]: 'kube-state-metrics' }],
  ])('does not take %s', (_what, extra) => {
    expect(labels(extra)).toBeUndefined();
  });
});

test.each([
  ['kube-state-metrics', { [`${POD}_label_app_kubernetes_io_name`]: 'kube-state-metrics' }],
  ['app-metrics', { [`${POD}_container_port_name`]: 'app-metrics' }],
])('%s keeps the labels of what it speaks of', (name, extra) => {
  expect(job(name).honor_labels).toBe(true);
  expect(relabel(job(name).relabel_configs, pod(extra))).toEqual({
    __address__: '10.0.0.7:3100',
    instance: 'loki-0',
  });
  expect(relabel(job(name).relabel_configs, pod({}))).toBeUndefined();
});

describe('nodes and the API server', () => {
  test('are asked over verified TLS with the token of the ServiceAccount', () => {
    for (const name of ['kubelet', 'cadvisor', 'apiserver']) {
      expect(job(name)).toMatchObject({
        scheme: 'https',
        authorization: { credentials_file: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
        tls_config: { ca_file: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt' },
      });
    }
    expect(JSON.stringify(config)).not.toContain('insecure_skip_verify');
  });

  test('a kubelet goes by its node', () => {
    expect(
      relabel(job('cadvisor').relabel_configs, {
        __address__: '192.168.0.1:10250',
        __meta_kubernetes_node_name: 'n1',
      }),
    ).toEqual({ __address__: '192.168.0.1:10250', node: 'n1', instance: 'n1' });
    expect(job('cadvisor').metrics_path).toBe('/metrics/cadvisor');
  });

  test('only the API server is taken in the namespace default', () => {
    const service = (name: string, port: string) =>
      relabel(job('apiserver').relabel_configs, {
        __meta_kubernetes_service_name: name,
        __meta_kubernetes_endpointslice_port_name: port,
      });
    expect(service('kubernetes', 'https')).toBeDefined();
    expect(service('shop', 'https')).toBeUndefined();
    expect(job('apiserver').kubernetes_sd_configs).toEqual([
      { role: 'endpointslice', namespaces: { names: ['default'] } },
    ]);
  });

  test.each([
    ['cadvisor', { __name__: 'container_cpu_usage_seconds_total', pod: 'web-1', id: '/kubepods/x' }, true],
    ['cadvisor', { __name__: 'container_memory_working_set_bytes', id: '/' }, true],
    ['cadvisor', { __name__: 'container_memory_working_set_bytes', id: '/system.slice/ssh.service' }, false],
    ['cadvisor', { __name__: 'container_tasks_state', pod: 'web-1', id: '/kubepods/x' }, false],
    ['cadvisor', { __name__: 'container_fs_usage_bytes', pod: 'web-1', id: '/kubepods/x' }, true],
    ['cadvisor', { __name__: 'container_fs_io_time_seconds_total', pod: 'web-1', id: '/kubepods/x' }, false],
    ['kubelet', { __name__: 'kubelet_volume_stats_available_bytes' }, true],
    ['kubelet', { __name__: 'kubelet_pleg_relist_duration_seconds_bucket', le: '5' }, true],
    ['kubelet', { __name__: 'kubelet_runtime_operations_duration_seconds_bucket', le: '5' }, false],
    ['apiserver', { __name__: 'apiserver_request_total' }, true],
    ['apiserver', { __name__: 'apiserver_request_duration_seconds_bucket', le: '1' }, true],
    ['apiserver', { __name__: 'apiserver_request_duration_seconds_bucket', le: '+Inf' }, true],
    ['apiserver', { __name__: 'apiserver_request_duration_seconds_bucket', le: '0.15' }, false],
    ['apiserver', { __name__: 'apiserver_request_duration_seconds_bucket', le: '4.0' }, false],
    ['apiserver', { __name__: 'apiserver_request_sli_duration_seconds_bucket', le: '1' }, false],
    ['apiserver', { __name__: 'etcd_request_duration_seconds_bucket', le: '1' }, false],
  ])('%s: %j is kept: %s', (name, sample, kept) => {
    expect(relabel(job(name).metric_relabel_configs, sample as Record<string, string>) !== undefined).toBe(
      kept,
    );
  });
});

describe('annotated applications', () => {
  const annotation = (kind: string, annotations: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(annotations).map(([name, value]) => [`${kind}_annotation_prometheus_io_${name}`, value]),
    );
  const web = (annotations: Record<string, string>, extra: Record<string, string> = {}) =>
    relabel(
      job('annotated-pods').relabel_configs,
      pod({
        __scheme__: 'http',
        __metrics_path__: '/metrics',
        __address__: '10.0.0.8:8080',
        __meta_kubernetes_namespace: 'shop',
        [`${POD}_name`]: 'web-5d9f7c-x2x4z',
        [`${POD}_controller_kind`]: 'ReplicaSet',
        [`${POD}_controller_name`]: 'web-5d9f7c',
        [`${POD}_label_app_kubernetes_io_name`]: '',
        ...annotation(POD, annotations),
        ...extra,
      }),
    );

  test('are found in every namespace', () => {
    expect(job('annotated-pods').kubernetes_sd_configs).toEqual([{ role: 'pod' }]);
    expect(job('annotated-services').kubernetes_sd_configs).toEqual([{ role: 'endpointslice' }]);
  });

  test('port, path and scheme come from the annotations', () => {
    expect(web({ scrape: 'true', port: '9102', path: '/stats', scheme: 'https' })).toMatchObject({
      __address__: '10.0.0.8:9102',
      __metrics_path__: '/stats',
      __scheme__: 'https',
    });
    expect(web({ scrape: 'true' })).toMatchObject({
      __address__: '10.0.0.8:8080',
      __metrics_path__: '/metrics',
      __scheme__: 'http',
    });
    expect(web({ scrape: 'true', port: '9102' }, { __address__: '[fd00::8]:8080' })).toMatchObject({
      __address__: '[fd00::8]:9102',
    });
  });

  test.each([
    ["the workload's name", {}, 'shop/web'],
    ['the name that the pod says it has', { [`${POD}_label_app_kubernetes_io_name`]: 'store' }, 'shop/store'],
    [
      'a StatefulSet',
      { [`${POD}_controller_kind`]: 'StatefulSet', [`${POD}_controller_name`]: 'db' },
      'shop/db',
    ],
    [
      'a pod of its own',
      { [`${POD}_controller_kind`]: '', [`${POD}_controller_name`]: '', [`${POD}_name`]: 'probe' },
      'shop/probe',
    ],
  ])('the job is the namespace and %s', (_what, extra, expected) => {
    expect(web({ scrape: 'true' }, extra)).toMatchObject({ job: expected, namespace: 'shop', node: 'n1' });
  });

  test('are scraped only when they ask for it', () => {
    expect(web({})).toBeUndefined();
    expect(web({ scrape: 'false' })).toBeUndefined();
    expect(web({ scrape: 'true' }, { [`${POD}_container_init`]: 'true' })).toBeUndefined();
  });

  test('a Service is a job', () => {
    const SERVICE = '__meta_kubernetes_service';
    expect(
      relabel(job('annotated-services').relabel_configs, {
        __address__: '10.0.0.9:53',
        __meta_kubernetes_namespace: 'kube-system',
        [`${SERVICE}_name`]: 'kube-dns',
        [`${POD}_name`]: 'coredns-1',
        [`${POD}_node_name`]: 'n1',
        ...annotation(SERVICE, { scrape: 'true', port: '9153' }),
      }),
    ).toEqual({
      __address__: '10.0.0.9:9153',
      job: 'kube-system/kube-dns',
      namespace: 'kube-system',
      pod: 'coredns-1',
      node: 'n1',
    });
  });
});

test('rule files hold their groups', () => {
  const groups = [{ name: 'general', rules: [{ record: 'job:up:sum', expr: 'sum by (job) (up)' }] }];
  const files = ruleFiles({ 'platform.yaml': groups });
  expect(Object.keys(files)).toEqual(['platform.yaml']);
  expect(parse(files['platform.yaml'] ?? '')).toEqual({ groups });
});
