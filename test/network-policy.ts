import { BlockList, isIPv6 } from 'node:net';

interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: {
    key: string;
    operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    values?: string[];
  }[];
}

interface PolicyPeer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
  ipBlock?: { cidr: string; except?: string[] };
}

interface PolicyPort {
  protocol?: string;
  port?: number | string;
  endPort?: number;
}

/** The fields of a NetworkPolicy that decide. */
export interface NetworkPolicy {
  metadata: { namespace: string };
  spec: {
    podSelector: Selector;
    policyTypes?: ('Ingress' | 'Egress')[];
    ingress?: { from?: PolicyPeer[]; ports?: PolicyPort[] }[];
    egress?: { to?: PolicyPeer[]; ports?: PolicyPort[] }[];
  };
}

/** A pod, or with neither namespace nor labels a machine. A pod on its node's network is a machine to policies. */
export interface Endpoint {
  ip: string;
  namespace?: string;
  labels?: Record<string, string>;
  /** Named container ports. */
  ports?: { name: string; containerPort: number; protocol?: string }[];
  /** Address of the node that a pod runs on. */
  nodeIp?: string;
}

/** A connection to a port of the destination. */
export interface Connection {
  from: Endpoint;
  to: Endpoint;
  port: number;
  protocol?: string;
}

/** Namespaces by name, with their labels, and the policies in them. */
export interface Cluster {
  namespaces: Record<string, Record<string, string>>;
  policies: NetworkPolicy[];
}

/**
 * Whether network policies let a connection through, as Kubernetes defines it: both ends must allow it, an end that
 * no policy selects allows all, and policies add up. An address block matches the addresses of pods too, which
 * Kubernetes leaves to the network plugin: so nothing counts as denied that some plugin lets through.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function allows(cluster: Cluster, connection: Connection): boolean {
  const { from, to } = connection;
  // a pod can block neither itself nor the node it runs on
  if (from.ip === to.ip || from.ip === to.nodeIp) return true;
  return admits(cluster, connection, 'Egress') && admits(cluster, connection, 'Ingress');
}

function admits(cluster: Cluster, connection: Connection, direction: 'Ingress' | 'Egress'): boolean {
  const [self, other] =
    direction === 'Ingress' ? [connection.to, connection.from] : [connection.from, connection.to];
  const applying = cluster.policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === self.namespace &&
      selects(spec.podSelector, self.labels ?? {}) &&
      (spec.policyTypes ?? ['Ingress', ...(spec.egress ? ['Egress'] : [])]).includes(direction),
  );
  if (applying.length === 0) return true;
  return applying.some(({ metadata: { namespace }, spec }) => {
    const rules =
      direction === 'Ingress'
        ? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
        : (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
    return rules.some(
      ({ peers = [], ports = [] }) =>
        (peers.length === 0 || peers.some((peer) => isPeer(cluster, namespace, peer, other))) &&
        (ports.length === 0 || ports.some((port) => isPort(port, connection))),
    );
  });
}

function isPeer({ namespaces }: Cluster, own: string, peer: PolicyPeer, endpoint: Endpoint): boolean {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  if (ipBlock) {
    return inRange(ipBlock.cidr, endpoint.ip) && !ipBlock.except?.some((cidr) => inRange(cidr, endpoint.ip));
  }
  const { namespace, labels = {} } = endpoint;
  if (namespace === undefined) return false;
  const inNamespace = namespaceSelector
    ? selects(namespaceSelector, {
        ...namespaces[namespace],
        'kubernetes.io/metadata.name': namespace,
      })
    : namespace === own;
  return inNamespace && selects(podSelector ?? {}, labels);
}

function isPort({ protocol = 'TCP', port, endPort }: PolicyPort, connection: Connection): boolean {
  if (protocol !== (connection.protocol ?? 'TCP')) return false;
  if (port === undefined) return true;
  if (typeof port === 'number') return port <= connection.port && connection.port <= (endPort ?? port);
  return (connection.to.ports ?? []).some(
    ({ name, containerPort, protocol: its = 'TCP' }) =>
      name === port && containerPort === connection.port && its === protocol,
  );
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Record<string, string>) {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      return (value !== undefined && values.includes(value)) === (operator === 'In');
    })
  );
}

function inRange(cidr: string, ip: string): boolean {
  const [network = '', prefix] = cidr.split('/');
  const family = isIPv6(network) ? 'ipv6' : 'ipv4';
  const range = new BlockList();
  range.addSubnet(network, Number(prefix), family);
  return range.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4');
}
