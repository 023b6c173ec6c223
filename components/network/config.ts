import type { types } from '@pulumi/kubernetes';

type NetworkPolicySpec = types.input.networking.v1.NetworkPolicySpec;
type NetworkPolicyPeer = types.input.networking.v1.NetworkPolicyPeer;
type NetworkPolicyPort = types.input.networking.v1.NetworkPolicyPort;

/** One end of a flow. Pods that use the node's network count as the node: they are reached by address. */
export type Peer =
  /** The pods of one of the platform's components: the only peer that gets a policy of its own. */
  | { component: string; namespace: string }
  /** Every pod of these namespaces. */
  | { namespaces: string[] | 'all' }
  /** Addresses, as seen by the other end: nodes, the API server. */
  | { cidrs: string[] };

/** A port of the destination. The protocol defaults to TCP. */
export interface FlowPort {
  port: number;
  protocol?: 'UDP';
}

/** Connections that are allowed, from the end that opens them. */
export interface Flow {
  from: Peer;
  to: Peer;
  ports: FlowPort[] | 'all';
}

/** A NetworkPolicy without its labels. */
export interface Policy {
  name: string;
  namespace: string;
  spec: NetworkPolicySpec;
}

/** Levels of the Pod Security Standards. */
type PodSecurityLevel = 'restricted' | 'privileged';

const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

// NodeLocal DNSCache answers here, on clusters that have it
const NODE_LOCAL_DNS = '169.254.20.10/32';

/**
 * Labels that make a namespace enforce a Pod Security level, and audit and warn about the same.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
export function podSecurityLabels(level: PodSecurityLevel): Record<string, string> {
  return Object.fromEntries(
    ['enforce', 'audit', 'warn'].flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, level],
      [`pod-security.kubernetes.io/${mode}-version`, 'latest'],
    ]),
  );
}

/** Denies whatever no other policy allows, in both directions, to every pod of a namespace. */
export function defaultDeny(namespace: string): Policy {
  return {
    name: 'default-deny',
    namespace,
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  };
}

/** Lets every pod of a namespace ask the cluster's DNS. */
export function allowDns(namespace: string): Policy {
  return {
    name: 'allow-dns',
    namespace,
    spec: {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { [NAMESPACE_NAME]: 'kube-system' } },
              podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
            },
            { ipBlock: { cidr: NODE_LOCAL_DNS } },
          ],
          ports: [
            { protocol: 'UDP', port: 53 },
            { protocol: 'TCP', port: 53 },
          ],
        },
      ],
    },
  };
}

/**
 * One policy per component: what reaches its pods and what they reach. Both ends of a flow between components get
 * their half.
 *
 * @param selector labels that select a component's pods
 * @throws when a flow lists no address, namespace or port: in a policy, an empty list allows everything
 */
export function flowPolicies(
  flows: Flow[],
  selector: (component: string) => Record<string, string>,
): Policy[] {
  const ends = flows.flatMap(({ from, to }) => [from, to]).filter((end) => 'component' in end);
  const components = new Map(ends.map(({ component, namespace }) => [component, namespace]));
  const isPeer = (end: Peer, component: string): boolean => 'component' in end && end.component === component;
  return [...components].sort().map(([component, namespace]) => {
    const ingress = flows
      .filter(({ to }) => isPeer(to, component))
      .map(({ from, ports }) => ({ from: peers(from, selector), ...portList(ports) }));
    const egress = flows
      .filter(({ from }) => isPeer(from, component))
      .map(({ to, ports }) => ({ to: peers(to, selector), ...portList(ports) }));
    return {
      name: component,
      namespace,
      spec: {
        podSelector: { matchLabels: selector(component) },
        policyTypes: ['Ingress', 'Egress'],
        ...(ingress.length > 0 && { ingress }),
        ...(egress.length > 0 && { egress }),
      },
    };
  });
}

function peers(end: Peer, selector: (component: string) => Record<string, string>): NetworkPolicyPeer[] {
  if ('component' in end) {
    return [
      {
        namespaceSelector: { matchLabels: { [NAMESPACE_NAME]: end.namespace } },
        podSelector: { matchLabels: selector(end.component) },
      },
    ];
  }
  if ('cidrs' in end) return notEmpty(end.cidrs, 'addresses').map((cidr) => ({ ipBlock: { cidr } }));
  if (end.namespaces === 'all') return [{ namespaceSelector: {} }];
  const values = notEmpty(end.namespaces, 'namespaces');
  return [{ namespaceSelector: { matchExpressions: [{ key: NAMESPACE_NAME, operator: 'In', values }] } }];
}

function portList(ports: Flow['ports']): { ports?: NetworkPolicyPort[] } {
  if (ports === 'all') return {};
  return { ports: notEmpty(ports, 'ports').map(({ port, protocol = 'TCP' }) => ({ protocol, port })) };
}

function notEmpty<T>(list: T[], what: string): T[] {
  if (list.length === 0)
    throw new Error(`a network flow lists no ${what}, which would allow all; list at least one`);
  return list;
}
