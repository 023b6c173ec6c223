import { allowDns, defaultDeny, flowPolicies, podSecurityLabels } from '../../components/network/config';
import { allows, type Endpoint, type NetworkPolicy } from '../network-policy';

const selector = (component: string) => ({ app: component });
const loki = { component: 'loki', namespace: 'observatory' };
const collector = { component: 'collector', namespace: 'observatory' };

describe('policies', () => {
  test('deny both directions by default, with no rule', () => {
    expect(defaultDeny('observatory')).toEqual({
      name: 'default-deny',
      namespace: 'observatory',
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    });
  });

  test("open DNS to the cluster's DNS pods and the node-local cache only", () => {
    expect(allowDns('observatory').spec).toEqual({
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
              podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
            },
            { ipBlock: { cidr: '169.254.20.10/32' } },
          ],
          ports: [
            { protocol: 'UDP', port: 53 },
            { protocol: 'TCP', port: 53 },
          ],
        },
      ],
    });
  });

  test('give both components of a flow their half', () => {
    expect(flowPolicies([{ from: collector, to: loki, ports: [{ port: 3100 }] }], selector)).toEqual([
      {
        name: 'collector',
        namespace: 'observatory',
        spec: {
          podSelector: { matchLabels: { app: 'collector' } },
          policyTypes: ['Ingress', 'Egress'],
          egress: [
            {
              to: [
                {
                  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'observatory' } },
                  podSelector: { matchLabels: { app: 'loki' } },
                },
              ],
              ports: [{ protocol: 'TCP', port: 3100 }],
            },
          ],
        },
      },
      {
        name: 'loki',
        namespace: 'observatory',
        spec: {
          podSelector: { matchLabels: { app: 'loki' } },
          policyTypes: ['Ingress', 'Egress'],
          ingress: [
            {
              from: [
                {
                  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'observatory' } },
                  podSelector: { matchLabels: { app: 'collector' } },
                },
              ],
              ports: [{ protocol: 'TCP', port: 3100 }],
            },
          ],
        },
      },
    ]);
  });

  test('name namespaces, address ranges and UDP ports', () => {
    const [policy] = flowPolicies(
      [
        { from: { namespaces: ['shop', 'bank'] }, to: collector, ports: [{ port: 6831, protocol: 'UDP' }] },
        { from: { cidrs: ['10.0.0.0/24', 'fd00::/64'] }, to: collector, ports: [{ port: 4317 }] },
        { from: collector, to: { namespaces: 'all' }, ports: 'all' },
      ],
      selector,
    );
    expect(policy?.spec).toMatchObject({
      ingress: [
        {
          from: [
            {
              namespaceSelector: {
                matchExpressions: [
                  { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['shop', 'bank'] },
                ],
              },
            },
          ],
          ports: [{ protocol: 'UDP', port: 6831 }],
        },
        {
          from: [{ ipBlock: { cidr: '10.0.0.0/24' } }, { ipBlock: { cidr: 'fd00::/64' } }],
          ports: [{ protocol: 'TCP', port: 4317 }],
        },
      ],
      egress: [{ to: [{ namespaceSelector: {} }] }],
    });
  });

  test.each([
    ['ports', { from: collector, to: loki, ports: [] }],
    ['addresses', { from: collector, to: { cidrs: [] }, ports: [{ port: 443 }] }],
    ['namespaces', { from: { namespaces: [] }, to: collector, ports: [{ port: 4317 }] }],
  ])('refuse a flow without %s, which would allow all', (what, flow) => {
    expect(() => flowPolicies([flow], selector)).toThrow(`lists no ${what}`);
  });
});

test('a Pod Security level is enforced, audited and warned about', () => {
  expect(podSecurityLabels('restricted')).toEqual({
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/enforce-version': 'latest',
    'pod-security.kubernetes.io/audit': 'restricted',
    'pod-security.kubernetes.io/audit-version': 'latest',
    'pod-security.kubernetes.io/warn': 'restricted',
    'pod-security.kubernetes.io/warn-version': 'latest',
  });
});

/** The evaluator that the flows are tested with must itself follow the semantics of Kubernetes. */
describe('evaluation of policies', () => {
  const namespaces = { data: { tier: 'data' }, web: { tier: 'web' }, other: {} };
  const ports = [{ name: 'http', containerPort: 8080 }];
  const db: Endpoint = {
    ip: '10.1.0.1',
    namespace: 'data',
    labels: { app: 'db' },
    ports,
    nodeIp: '10.9.0.1',
  };
  const job: Endpoint = { ip: '10.1.0.2', namespace: 'data', labels: { app: 'job', batch: 'yes' } };
  const cache: Endpoint = { ip: '10.1.0.5', namespace: 'data', labels: { app: 'cache' } };
  const shop: Endpoint = { ip: '10.1.0.3', namespace: 'web', labels: { app: 'shop' } };
  const lone: Endpoint = { ip: '10.1.0.4', namespace: 'other', labels: {} };
  const node: Endpoint = { ip: '10.9.0.1' };
  const machine: Endpoint = { ip: '10.9.0.2' };

  type Spec = Partial<NetworkPolicy['spec']>;
  const policy = (spec: Spec): NetworkPolicy => ({
    metadata: { namespace: 'data' },
    spec: { podSelector: { matchLabels: { app: 'db' } }, ...spec },
  });
  const from = (...peers: NonNullable<NonNullable<Spec['ingress']>[number]['from']>): Spec => ({
    ingress: [{ from: peers }],
  });
  const port = (...list: NonNullable<NonNullable<Spec['ingress']>[number]['ports']>): Spec => ({
    ingress: [{ ports: list }],
  });
  const web = { matchExpressions: [{ key: 'tier', operator: 'In' as const, values: ['web'] }] };
  const expression = (operator: 'NotIn' | 'Exists' | 'DoesNotExist', key: string, values?: string[]) => ({
    podSelector: { matchExpressions: [{ key, operator, ...(values && { values }) }] },
  });

  test.each<[string, Spec[], Endpoint, Endpoint, number, boolean]>([
    ['no policy allows all', [], shop, db, 80, true],
    ['a policy without rules denies', [{}], shop, db, 80, false],
    ['an empty rule allows all', [{ ingress: [{}] }], machine, db, 80, true],
    ['policies add up', [{}, { ingress: [{}] }], shop, db, 80, true],
    ['a policy leaves alone whom it does not select', [{}], shop, job, 80, true],
    ['an empty selector selects all', [{ podSelector: {} }], shop, job, 80, false],
    ['policyTypes default to ingress alone', [{}], db, shop, 80, true],
    ['policyTypes default to egress where it has rules', [{ egress: [] }], db, shop, 80, false],
    ['egress alone leaves ingress open', [{ policyTypes: ['Egress'] }], shop, db, 80, true],
    ['egress alone denies egress', [{ policyTypes: ['Egress'] }], db, shop, 80, false],
    ['the node of a pod reaches it', [{}], node, db, 80, true],
    ['another machine does not', [{}], machine, db, 80, false],
    ['a pod reaches itself', [{ policyTypes: ['Ingress', 'Egress'] }], db, db, 80, true],
    ['a pod selector means its own namespace', [from({ podSelector: {} })], job, db, 80, true],
    ['and no other', [from({ podSelector: {} })], shop, db, 80, false],
    ['a namespace selector means all its pods', [from({ namespaceSelector: web })], shop, db, 80, true],
    ['not those of others', [from({ namespaceSelector: web })], lone, db, 80, false],
    ['and no machine', [from({ namespaceSelector: {} })], machine, db, 80, false],
    [
      'namespace and pod selector must both match',
      [from({ namespaceSelector: web, podSelector: { matchLabels: { app: 'db' } } })],
      shop,
      db,
      80,
      false,
    ],
    [
      'two peers are alternatives',
      [from({ podSelector: {} }, { namespaceSelector: web })],
      shop,
      db,
      80,
      true,
    ],
    ['NotIn matches an absent label', [from(expression('NotIn', 'batch', ['yes']))], cache, db, 80, true],
    ['NotIn refuses a listed value', [from(expression('NotIn', 'batch', ['yes']))], job, db, 80, false],
    ['Exists', [from(expression('Exists', 'batch'))], job, db, 80, true],
    ['DoesNotExist', [from(expression('DoesNotExist', 'batch'))], job, db, 80, false],
    ['an address in the block', [from({ ipBlock: { cidr: '10.9.0.0/24' } })], machine, db, 80, true],
    ['an address outside', [from({ ipBlock: { cidr: '10.8.0.0/16' } })], machine, db, 80, false],
    [
      'an excepted address',
      [from({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.9.0.2/32'] } })],
      machine,
      db,
      80,
      false,
    ],
    ['the port', [port({ port: 80 })], shop, db, 80, true],
    ['another port', [port({ port: 80 })], shop, db, 81, false],
    ['another protocol', [port({ port: 80, protocol: 'UDP' })], shop, db, 80, false],
    ['any port of the protocol', [port({ protocol: 'TCP' })], shop, db, 80, true],
    ['a range of ports', [port({ port: 80, endPort: 90 })], shop, db, 90, true],
    ['beyond the range', [port({ port: 80, endPort: 90 })], shop, db, 91, false],
    ['a named port', [port({ port: 'http' })], shop, db, 8080, true],
    ['a named port has one number', [port({ port: 'http' })], shop, db, 80, false],
    [
      'peer and port must both match',
      [{ ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 80 }] }] }],
      job,
      db,
      81,
      false,
    ],
  ])('%s', (_, specs, source, target, number, expected) => {
    const cluster = { namespaces, policies: specs.map(policy) };
    expect(allows(cluster, { from: source, to: target, port: number })).toBe(expected);
  });

  test('a policy acts in its own namespace', () => {
    const elsewhere = { metadata: { namespace: 'web' }, spec: { podSelector: {} } };
    expect(allows({ namespaces, policies: [elsewhere] }, { from: shop, to: db, port: 80 })).toBe(true);
  });

  test('both ends must allow', () => {
    const closed = policy({ policyTypes: ['Egress'], podSelector: { matchLabels: { app: 'job' } } });
    const policies = [policy({ ingress: [{}] }), closed];
    expect(allows({ namespaces, policies }, { from: job, to: db, port: 80 })).toBe(false);
  });
});
