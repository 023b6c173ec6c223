import { type Declared, renderStack } from '../../local/rendering';
import { flows } from '../../stacks/flows';
import { settingsSchema } from '../../stacks/schema';
import { allows, type Cluster, type Endpoint } from '../network-policy';

const STACK = 'local';
const NODE = '10.0.0.1';
const NETWORK = {
  nodes: ['10.0.0.0/24'],
  apiServer: { cidrs: ['10.0.0.0/24', '10.96.0.1/32'], ports: [6443] },
};

/** What is not the platform: machines, other pods, the world. */
const OTHERS: Record<string, Endpoint> = {
  node: { ip: '10.0.0.2' },
  'own-node': { ip: NODE },
  'api-server': { ip: '10.0.0.3' },
  'api-service': { ip: '10.96.0.1' },
  'instance-metadata': { ip: '169.254.169.254' },
  'node-local-dns': { ip: '169.254.20.10' },
  internet: { ip: '93.184.216.34' },
  intranet: { ip: '10.50.0.1' },
  dns: { ip: '10.2.0.1', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  'kube-system-pod': { ip: '10.2.0.2', namespace: 'kube-system', labels: {} },
  'false-dns': { ip: '10.2.0.3', namespace: 'shop', labels: { 'k8s-app': 'kube-dns' } },
  shop: { ip: '10.2.0.4', namespace: 'shop', labels: { app: 'shop' } },
  bank: { ip: '10.2.0.5', namespace: 'bank', labels: { app: 'bank' } },
  'false-grafana': { ip: '10.2.0.6', namespace: 'shop', labels: { 'app.kubernetes.io/name': 'grafana' } },
  'unknown-pod': { ip: '10.2.0.7', namespace: 'observatory', labels: { app: 'debug' } },
};

/** TCP unless it says UDP. */
type Port = number | `${number}/UDP`;

interface World {
  cluster: Cluster;
  endpoints: Record<string, Endpoint>;
  configs: Record<string, Record<string, string>>;
}

/** The rendered platform, its pods with their own labels and ports, beside everything else. */
async function world(network: object): Promise<World> {
  const settings = { 'observatory:network': JSON.stringify({ ...NETWORK, ...network }) };
  const { resources, configs } = await renderStack(STACK, settings);
  const ofKind = (kind: string) => resources.flatMap(({ inputs }) => (inputs.kind === kind ? [inputs] : []));
  const pods = resources.filter(({ inputs }) => inputs.spec?.template).map(endpoint);
  const labels = ofKind('Namespace').map(({ metadata }) => [metadata.name, metadata.labels]);
  return {
    configs,
    endpoints: { ...OTHERS, ...Object.fromEntries(pods) },
    cluster: {
      namespaces: { ...Object.fromEntries(labels), 'kube-system': {}, shop: {}, bank: {} },
      policies: ofKind('NetworkPolicy') as unknown as Cluster['policies'],
    },
  };
}

function endpoint({ inputs: { metadata, spec } }: Declared, index: number): [string, Endpoint] {
  const { template } = spec;
  if (template.spec.hostNetwork) return [metadata.name, { ip: NODE }];
  const ports = template.spec.containers.flatMap((container: any) => container.ports);
  const pod = { ip: `10.1.0.${index + 1}`, namespace: metadata.namespace, nodeIp: NODE };
  return [metadata.name, { ...pod, labels: template.metadata.labels, ports }];
}

function reaches({ cluster, endpoints }: World, from: string, to: string, port: Port): boolean {
  const [source, target] = [endpoints[from], endpoints[to]];
  if (!source || !target) throw new Error(`no endpoint ${source ? to : from}`);
  const [number, protocol] = String(port).split('/');
  return allows(cluster, { from: source, to: target, port: Number(number), protocol });
}

let open: World;
let named: World;
beforeAll(async () => {
  open = await world({});
  named = await world({ applicationNamespaces: ['shop'] });
}, 120_000);

describe('allowed', () => {
  test.each<[from: string, to: string, port: Port]>([
    ['shop', 'collector', 4317],
    ['shop', 'collector', 4318],
    ['shop', 'collector', 9411],
    ['shop', 'collector', 14250],
    ['shop', 'collector', 14268],
    ['shop', 'collector', '6831/UDP'],
    ['shop', 'collector', '6832/UDP'],
    ['bank', 'collector', 4317],
    ['collector-agent', 'collector', 4317],
    ['node', 'collector', 4317],
    ['api-server', 'collector', 4317],
    ['collector', 'loki', 3100],
    ['collector', 'tempo', 4317],
    ['collector', 'jaeger', 4317],
    ['collector', 'api-server', 6443],
    ['kube-state-metrics', 'api-service', 6443],
    ['prometheus', 'api-server', 6443],
    ['prometheus', 'alertmanager', 9093],
    ['prometheus', 'collector', 8888],
    ['prometheus', 'collector', 8889],
    ['prometheus', 'node', 10250],
    ['prometheus', 'node-exporter', 9100],
    ['prometheus', 'shop', 8080],
    ['prometheus', 'kube-system-pod', 9153],
    ['grafana', 'prometheus', 9090],
    ['grafana', 'alertmanager', 9093],
    ['grafana', 'loki', 3100],
    ['grafana', 'tempo', 3200],
    ['grafana', 'jaeger', 16686],
    ['own-node', 'grafana', 3000],
    ['own-node', 'loki', 3100],
    ['loki', 'dns', '53/UDP'],
    ['grafana', 'dns', 53],
    ['collector-agent', 'dns', '53/UDP'],
    ['prometheus', 'node-local-dns', '53/UDP'],
  ])('%s → %s:%s', (from, to, port) => {
    expect(reaches(open, from, to, port)).toBe(true);
  });
});

describe('denied', () => {
  test.each<[from: string, to: string, port: Port]>([
    ['shop', 'loki', 3100],
    ['shop', 'tempo', 4317],
    ['shop', 'tempo', 3200],
    ['shop', 'jaeger', 4317],
    ['shop', 'jaeger', 16686],
    ['shop', 'prometheus', 9090],
    ['shop', 'alertmanager', 9093],
    ['shop', 'grafana', 3000],
    ['shop', 'kube-state-metrics', 8080],
    ['shop', 'collector-agent', 8888],
    ['shop', 'collector', 8888],
    ['shop', 'collector', 8889],
    ['shop', 'collector', 13133],
    ['shop', 'collector', '4317/UDP'],
    ['shop', 'collector', 6831],
    ['false-grafana', 'loki', 3100],
    ['unknown-pod', 'loki', 3100],
    ['unknown-pod', 'internet', 443],
    ['loki', 'unknown-pod', 8080],
    ['node', 'loki', 3100],
    ['node', 'collector', 4318],
    ['internet', 'collector', 4317],
    ['internet', 'grafana', 3000],
    ['intranet', 'collector-agent', 8888],
    ['grafana', 'collector', 4317],
    ['grafana', 'kube-state-metrics', 8080],
    ['grafana', 'loki', 9095],
    ['grafana', 'api-server', 6443],
    ['grafana', 'internet', 443],
    ['loki', 'prometheus', 9090],
    ['loki', 'internet', 443],
    ['loki', 'shop', 8080],
    ['loki', 'api-server', 6443],
    ['tempo', 'internet', 443],
    ['tempo', 'loki', 3100],
    ['alertmanager', 'internet', 443],
    ['alertmanager', 'prometheus', 9090],
    ['collector', 'internet', 443],
    ['collector', 'instance-metadata', 80],
    ['collector', 'intranet', 443],
    ['collector', 'prometheus', 9090],
    ['collector', 'shop', 8080],
    ['collector', 'node', 10250],
    ['collector', 'api-server', 22],
    ['collector-agent', 'loki', 3100],
    ['collector-agent', 'api-server', 6443],
    ['collector-agent', 'instance-metadata', 80],
    ['collector-agent', 'node', 10250],
    ['prometheus', 'internet', 443],
    ['prometheus', 'instance-metadata', 80],
    ['prometheus', 'node', 22],
    ['prometheus', 'tempo', 4317],
    ['kube-state-metrics', 'node', 10250],
    ['loki', 'false-dns', '53/UDP'],
    ['loki', 'dns', 8080],
    ['loki', 'kube-system-pod', '53/UDP'],
    ['loki', 'internet', '53/UDP'],
  ])('%s → %s:%s', (from, to, port) => {
    expect(reaches(open, from, to, port)).toBe(false);
  });
});

describe('with named application namespaces', () => {
  test.each([
    ['shop', 4317, true],
    ['bank', 4317, false],
    ['bank', 9411, false],
    ['collector-agent', 4317, true],
    ['node', 4317, true],
    ['unknown-pod', 4317, false],
  ])('%s → collector:%d is %s', (from, port, expected) => {
    expect(reaches(named, from, 'collector', port)).toBe(expected);
  });
});

describe('the policies fit the platform', () => {
  test('Prometheus reaches every port that exposes metrics', () => {
    const ports = Object.entries(open.endpoints).flatMap(([to, { ports = [] }]) =>
      ports.filter(({ name }) => /metrics$/.test(name)).map((port) => ({ to, port: port.containerPort })),
    );
    expect(ports.length).toBeGreaterThan(8);
    expect(ports.filter(({ to, port }) => !reaches(open, 'prometheus', to, port))).toEqual([]);
  });

  test('every component reaches every address in its configuration', () => {
    const addresses = Object.entries(open.configs).flatMap(([from, files]) =>
      [...JSON.stringify(files).matchAll(/([a-z-]+)\.observatory(?:-agent)?\.svc:(\d+)/g)].map(
        ([, to = '', port]) => ({ from, to, port: Number(port) }),
      ),
    );
    expect(new Set(addresses.map(({ from }) => from))).toEqual(
      new Set(['collector', 'collector-agent', 'grafana']),
    );
    expect(addresses.filter(({ from, to, port }) => !reaches(open, from, to, port))).toEqual([]);
  });

  test('every port that a policy opens to a component is one that its pod opens', () => {
    const closed = open.cluster.policies.flatMap(({ metadata, spec }) =>
      (spec.ingress ?? []).flatMap(({ ports = [] }) =>
        ports
          .filter(
            ({ port, protocol }) =>
              !open.endpoints[spec.podSelector.matchLabels?.['app.kubernetes.io/name'] ?? '']?.ports?.some(
                (each) => each.containerPort === port && (each.protocol ?? 'TCP') === protocol,
              ),
          )
          .map(({ port }) => `${JSON.stringify(metadata)} ${port}`),
      ),
    );
    expect(closed).toEqual([]);
  });

  test('both namespaces deny by default, and no rule allows all', () => {
    const { policies } = open.cluster;
    const denying = policies.filter(
      ({ spec }) => JSON.stringify(spec.podSelector) === '{}' && spec.policyTypes?.length === 2,
    );
    expect(denying.map(({ metadata }) => metadata.namespace).sort()).toEqual([
      'observatory',
      'observatory-agent',
    ]);
    expect(denying.filter(({ spec }) => spec.ingress ?? spec.egress)).toEqual([]);
    const peers = policies.flatMap(({ spec }) => [
      ...(spec.ingress ?? []).map(({ from }) => from),
      ...(spec.egress ?? []).map(({ to }) => to),
    ]);
    expect(peers.filter((list) => !list?.length || list.some((peer) => !Object.keys(peer).length))).toEqual(
      [],
    );
  });

  test('a component that is not deployed is no end of a flow', () => {
    const settings = settingsSchema.parse({ cluster: 'test' });
    const ends = flows(settings, ['collector', 'loki']).flatMap(({ from, to }) => [from, to]);
    const names = ends.flatMap((end) => ('component' in end ? [end.component] : []));
    expect([...new Set(names)].sort()).toEqual(['collector', 'loki']);
  });
});
