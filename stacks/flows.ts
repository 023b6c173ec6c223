import type { Flow, FlowPort, Peer } from '../components/network/config';
import type { Settings } from './schema';

const tcp = (...ports: number[]): FlowPort[] => ports.map((port) => ({ port }));
const udp = (...ports: number[]): FlowPort[] => ports.map((port) => ({ port, protocol: 'UDP' }));

/** OTLP gRPC and HTTP, Zipkin, Jaeger gRPC and Thrift over HTTP; Jaeger compact and binary Thrift. */
const TELEMETRY = [...tcp(4317, 4318, 9411, 14250, 14268), ...udp(6831, 6832)];

/** Ports where components expose their own metrics; Alertmanager takes alerts there too. node-exporter uses the node's. */
const METRICS: Record<string, number[]> = {
  alertmanager: [9093],
  collector: [8888, 8889],
  'collector-agent': [8888],
  grafana: [3000],
  jaeger: [8888],
  'kube-state-metrics': [8080, 8081],
  loki: [3100],
  prometheus: [9090],
  tempo: [3200],
};

/** Components in the agent's namespace that have an address of their own. */
const AGENTS = ['collector-agent'];

/**
 * The data path: every connection that the platform needs, but DNS. What opens none and takes none is not named: a
 * node reaches the pods it runs in any case, for probes and port forwarding.
 *
 * @param components names of the deployed components; flows from and to others are left out
 */
export function flows(
  { namespace, network }: Pick<Settings, 'namespace' | 'network'>,
  components: string[],
): Flow[] {
  const applications: Peer = { namespaces: network.applicationNamespaces ?? 'all' };
  const everywhere: Peer = { namespaces: 'all' };
  const nodes: Peer = { cidrs: network.nodes };
  const apiServer: Peer = { cidrs: network.apiServer.cidrs };
  const apiServerPorts = tcp(...network.apiServer.ports);

  const table: (readonly [from: string | Peer, to: string | Peer, ports: Flow['ports']])[] = [
    [applications, 'collector', TELEMETRY],
    // kubelet and API server send their own traces
    [nodes, 'collector', tcp(4317)],
    ['collector-agent', 'collector', tcp(4317)],
    ['collector', 'loki', tcp(3100)],
    ['collector', 'tempo', tcp(4317)],
    ['collector', 'jaeger', tcp(4317)],

    ['collector', apiServer, apiServerPorts],
    ['kube-state-metrics', apiServer, apiServerPorts],
    ['prometheus', apiServer, apiServerPorts],

    ...Object.entries(METRICS).map(([component, ports]) => ['prometheus', component, tcp(...ports)] as const),
    // kubelet and node-exporter
    ['prometheus', nodes, tcp(9100, 10250)],
    // an application says by annotation which of its ports to scrape, and a policy cannot know it
    ['prometheus', everywhere, 'all'],

    ['grafana', 'alertmanager', tcp(9093)],
    ['grafana', 'jaeger', tcp(16686)],
    ['grafana', 'loki', tcp(3100)],
    ['grafana', 'prometheus', tcp(9090)],
    ['grafana', 'tempo', tcp(3200)],
  ];

  const peer = (end: string | Peer): Peer => {
    if (typeof end !== 'string') return end;
    return { component: end, namespace: AGENTS.includes(end) ? `${namespace}-agent` : namespace };
  };
  const deployed = (end: string | Peer): boolean => typeof end !== 'string' || components.includes(end);
  return table
    .filter(([from, to]) => deployed(from) && deployed(to))
    .map(([from, to, ports]) => ({ from: peer(from), to: peer(to), ports }));
}
