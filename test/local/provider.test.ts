import { Progress } from '../../local/engine/progress';
import { changes, formatPath, replaces, setAt } from '../../local/provider/diff';
import {
  fieldManager,
  fromId,
  hasUnknown,
  isOurs,
  toId,
  toInputs,
  toObject,
  toOutputs,
  uniqueName,
  withDrift,
  withName,
  type Inputs,
} from '../../local/provider/manifest';
import { failingContainers, podProblem, readiness } from '../../local/provider/readiness';

const urn = 'urn:pulumi:dev::observatory::kubernetes:core/v1:Secret::loki-credentials';

function object(kind: string, rest: object = {}, metadata: object = {}): Inputs {
  return { apiVersion: 'v1', kind, metadata: { name: 'x', ...metadata }, ...rest };
}

describe('differences', () => {
  const before = {
    spec: { replicas: 1, containers: [{ image: 'a', args: ['-x'] }] },
    data: { 'a.yaml': '1' },
  };

  test('are listed leaf by leaf', () => {
    const after = { spec: { replicas: 2, containers: [{ image: 'b', args: ['-x', '-y'] }] }, type: 'T' };
    expect(changes(before, after).map(({ path, ...values }) => [formatPath(path), values])).toEqual([
      ['spec.replicas', { before: 1, after: 2 }],
      ['spec.containers[0].image', { before: 'a', after: 'b' }],
      ['spec.containers[0].args[1]', { before: undefined, after: '-y' }],
      ['data', { before: { 'a.yaml': '1' }, after: undefined }],
      ['type', { before: undefined, after: 'T' }],
    ]);
  });

  test('do not exist between null and absent', () => {
    expect(changes({ a: null }, {})).toEqual([]);
  });

  test('quote keys that hold a dot', () => {
    expect(formatPath(['data', 'loki.yaml'])).toBe('data["loki.yaml"]');
    expect(formatPath(['metadata', 'labels', 'app'])).toBe('metadata.labels.app');
  });

  test('are written back, from the last to the first', () => {
    const target = structuredClone(before) as Record<string, unknown>;
    const after = { spec: { replicas: 2, containers: [{ image: 'b' }, { image: 'c' }] } };
    for (const { path, after: value } of changes(before, after).reverse()) setAt(target, path, value);
    expect(target).toEqual(after);
  });

  test.each([
    ['apps/v1', 'StatefulSet', 'spec.volumeClaimTemplates.0.spec', true],
    ['apps/v1', 'StatefulSet', 'spec.template.spec', false],
    ['apps/v1', 'Deployment', 'spec.selector.matchLabels.app', true],
    ['v1', 'PersistentVolumeClaim', 'spec.storageClassName', true],
    ['v1', 'PersistentVolumeClaim', 'spec.resources.requests.storage', false],
    ['v1', 'ConfigMap', 'data.x', true],
    ['v1', 'ConfigMap', 'metadata.labels.x', false],
    ['v1', 'Secret', 'stringData.x', true],
    ['v1', 'Service', 'spec.clusterIP', true],
    ['v1', 'Service', 'spec.ports.0', false],
    ['example.com/v1', 'Foo', 'metadata.namespace', true],
    ['example.com/v1', 'Foo', 'spec', false],
  ])('%s %s: %s replaces: %s', (apiVersion, kind, path, expected) => {
    expect(replaces(apiVersion, kind, path.split('.'))).toBe(expected);
  });
});

describe('names', () => {
  const unnamed = { apiVersion: 'v1', kind: 'Secret', metadata: {} };

  test('are generated from the seed, and kept', () => {
    const proposed = uniqueName(urn, Buffer.from('seed'));
    expect(proposed).toMatch(/^loki-credentials-[0-9a-f]{8}$/);
    expect(uniqueName(urn, Buffer.from('other'))).not.toBe(proposed);
    const first = withName(unnamed, undefined, proposed);
    expect(first.metadata.name).toBe(proposed);
    expect(withName(unnamed, first, 'another').metadata.name).toBe(proposed);
  });

  test('are left as given, and a given one is not inherited', () => {
    expect(withName(object('Secret'), undefined, 'y')).toEqual(object('Secret'));
    expect(withName(unnamed, object('Secret'), 'y').metadata.name).toBe('y');
  });

  test('go to an id and back', () => {
    const ref = { apiVersion: 'v1', kind: 'Secret', namespace: 'obs', name: 'x' };
    expect(fromId(toId(ref), 'kubernetes:core/v1:Secret')).toEqual(ref);
    expect(fromId('r', 'kubernetes:rbac.authorization.k8s.io/v1:ClusterRole')).toEqual({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      namespace: undefined,
      name: 'r',
    });
  });
});

describe('ownership', () => {
  const ours = fieldManager(urn);
  const managed = (manager: string, labels = {}, kind = 'ConfigMap') =>
    isOurs(object(kind, {}, { labels, managedFields: [{ manager }] }), ours);
  const label = { 'app.kubernetes.io/managed-by': 'pulumi' };

  test('belongs to the stack', () => expect(ours).toBe('pulumi/observatory/dev'));
  test('is shown by its own fields', () => expect(managed(ours)).toBe(true));
  test('is not taken from others', () => expect(managed('kubectl')).toBe(false));
  test('is taken by label', () => expect(managed('kubectl', label)).toBe(true));
  test('is not taken from another stack', () => {
    expect(managed('pulumi/observatory/prod', label)).toBe(false);
    expect(managed('pulumi-kubernetes-1a2b3c4d', label)).toBe(false);
  });
  test('of a claim that stayed is taken again', () => {
    expect(managed('kube-controller-manager', {}, 'PersistentVolumeClaim')).toBe(true);
  });
});

describe('objects', () => {
  test('carry the text of a secret as data', () => {
    const secret = object('Secret', { stringData: { a: 'text' }, data: { b: 'Yg==' } });
    expect(toObject(secret)).toEqual(object('Secret', { data: { a: 'dGV4dA==', b: 'Yg==' } }));
  });

  test('of custom kinds spell the extensions of their schema with dashes, and back', () => {
    const definition = object('CustomResourceDefinition', {
      spec: { versions: [{ schema: { x_kubernetes_preserve_unknown_fields: true } }] },
    });
    const sent = toObject(definition);
    expect(sent['spec']).toEqual({
      versions: [{ schema: { 'x-kubernetes-preserve-unknown-fields': true } }],
    });
    expect(toOutputs(sent)).toEqual(definition);
  });

  test('that are imported lose what the server added', () => {
    const live = object('ConfigMap', { data: { a: '1' }, status: {} }, { uid: 'u', managedFields: [] });
    expect(toInputs(live)).toEqual(object('ConfigMap', { data: { a: '1' } }));
  });

  test('with a value that is not known yet are recognised at any depth', () => {
    expect(hasUnknown({ a: [{ b: '04da6b54-80e4-46f7-96ec-b56ff0331ba9' }] })).toBe(true);
    expect(hasUnknown({ a: [{ b: 'x', c: null }] })).toBe(false);
  });
});

describe('drift', () => {
  const inputs = object('Policy', { spec: { cpu: '1000m', from: ['a'] } });
  const applied = object('Policy', { spec: { cpu: '1', from: ['a'], defaulted: true }, status: { n: 1 } });

  test('is none where applying again changes nothing', () => {
    const live = { ...applied, metadata: { name: 'x', resourceVersion: '7' }, status: { n: 2 } };
    expect(withDrift(inputs, live, applied)).toEqual(inputs);
  });

  test('is an edited value, an added item and a removed field', () => {
    const live = object('Policy', { spec: { cpu: '2', from: ['a', 'evil'] } });
    expect(withDrift(inputs, live, applied)['spec']).toEqual({ cpu: '2', from: ['a', 'evil'] });
    expect(withDrift(inputs, object('Policy', { spec: { cpu: '1' } }), applied)['spec']).toEqual({
      cpu: '1000m',
    });
  });

  test('of a secret comes back as text', () => {
    const secret = object('Secret', { stringData: { a: 'text' } });
    const live = object('Secret', { data: { a: Buffer.from('edited').toString('base64') } });
    expect(withDrift(secret, live, toObject(secret))['stringData']).toEqual({ a: 'edited' });
  });

  test('without a dry run looks at the given fields only', () => {
    const live = object('Policy', { spec: { cpu: '2', from: ['a'], defaulted: true } });
    expect(withDrift(inputs, live)['spec']).toEqual({ cpu: '2', from: ['a'] });
  });
});

describe('readiness', () => {
  const state = (kind: string, spec: object, status: object) => {
    const { ready, failed = false, message } = readiness(object(kind, { spec, status }, { generation: 2 }));
    return ready ? 'ready' : `${failed ? 'failed: ' : ''}${message}`;
  };
  const seen = { observedGeneration: 2 };
  const done = { ...seen, replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 2 };

  test.each([
    ['Deployment', { ...done, observedGeneration: 1 }, 'its controller has not seen it yet'],
    ['Deployment', { ...done, updatedReplicas: 1 }, '1 of 2 pods have the new template'],
    ['Deployment', { ...done, availableReplicas: 1 }, '1 of 2 pods ready'],
    ['Deployment', { ...done, replicas: 3 }, '1 old pods still to end'],
    ['Deployment', done, 'ready'],
    ['StatefulSet', seen, '0 of 2 pods have the new template'],
    ['StatefulSet', { ...done, readyReplicas: 0 }, '0 of 2 pods ready'],
    [
      'StatefulSet',
      { ...done, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
      '1 of 2 pods have the new template',
    ],
    ['StatefulSet', { ...done, updatedReplicas: 0, currentRevision: 'a', updateRevision: 'a' }, 'ready'],
    ['DaemonSet', { ...seen, desiredNumberScheduled: 1, updatedNumberScheduled: 1 }, '0 of 1 pods ready'],
    ['DaemonSet', { ...seen, desiredNumberScheduled: 0 }, 'ready'],
    ['Job', {}, 'not complete'],
    ['Job', { conditions: [{ type: 'Complete', status: 'True' }] }, 'ready'],
    ['PersistentVolumeClaim', { phase: 'Pending' }, 'not bound, Pending'],
    ['PersistentVolumeClaim', { phase: 'Bound' }, 'ready'],
    ['CustomResourceDefinition', {}, 'its kind is not served yet'],
    ['ConfigMap', {}, 'ready'],
  ])('of a %s with %j: %s', (kind, status, expected) => {
    expect(state(kind, { replicas: 2 }, status)).toBe(expected);
  });

  test('fails for good when a deadline passed', () => {
    const late = {
      type: 'Progressing',
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: 'too late',
    };
    expect(state('Deployment', {}, { ...done, conditions: [late] })).toBe('failed: too late');
    const over = { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'three times' };
    expect(state('Job', {}, { conditions: [over] })).toBe(
      'failed: failed: BackoffLimitExceeded: three times',
    );
  });
});

describe('a pod that is not ready', () => {
  const pod = (container: object, status: object = {}) => ({
    metadata: { name: 'loki-0' },
    status: {
      phase: 'Pending',
      containerStatuses: [
        { name: 'loki', ready: false, restartCount: 3, image: 'i', imageID: '', ...container },
      ],
      ...status,
    },
  });
  const crashed = {
    state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } },
    lastState: { terminated: { exitCode: 1, reason: 'Error' } },
  };

  test('is explained by its container', () => {
    expect(podProblem(pod({ state: { waiting: { reason: 'ImagePullBackOff' } } }))).toBe(
      'loki-0 loki ImagePullBackOff',
    );
    expect(podProblem(pod(crashed))).toBe(
      'loki-0 loki CrashLoopBackOff: back-off 40s (exit code 1, Error, 3 restarts)',
    );
    expect(podProblem(pod({ state: { running: {} } }))).toBe('loki-0 loki is running, not ready');
  });

  test('is explained by the scheduler', () => {
    const conditions = [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }];
    expect(podProblem(pod({}, { conditions }))).toBe('loki-0 is not scheduled: 0/1 nodes are available');
  });

  test('is none when it is ready', () => {
    expect(podProblem(pod({}, { conditions: [{ type: 'Ready', status: 'True' }] }))).toBeUndefined();
  });

  test('names the log that tells why', () => {
    expect(failingContainers(pod(crashed))).toEqual([{ name: 'loki', previous: true }]);
    expect(failingContainers(pod({ state: { running: {} } }))).toEqual([{ name: 'loki', previous: false }]);
    expect(failingContainers(pod({ state: { waiting: { reason: 'ImagePullBackOff' } } }))).toEqual([]);
  });
});

describe('the progress of an operation', () => {
  const claim = 'urn:pulumi:dev::observatory::kubernetes:core/v1:PersistentVolumeClaim::data-loki-0';
  const step = (op: string, rest: object = {}) => ({
    resOutputsEvent: { metadata: { op, urn: claim, type: claim.split('::')[2], ...rest } },
  });
  const progress = (...events: object[]) => {
    const lines: string[] = [];
    const target = new Progress((line) => lines.push(line));
    for (const event of events) target.onEvent({ sequence: 0, timestamp: 0, ...event });
    return { lines, target };
  };

  test('has a line and a change for each resource that is not the same', () => {
    const detailedDiff = { 'spec.resources.requests.storage': { diffKind: 'update', inputDiff: true } };
    const { lines, target } = progress(step('same'), step('update', { detailedDiff }), {
      summaryEvent: { resourceChanges: { same: 1, update: 1 } },
    });
    expect(lines).toEqual(['~ PersistentVolumeClaim data-loki-0 updated spec.resources.requests.storage']);
    expect(target.result).toEqual({
      counts: { same: 1, update: 1 },
      changes: [
        {
          urn: claim,
          type: 'kubernetes:core/v1:PersistentVolumeClaim',
          name: 'data-loki-0',
          op: 'update',
          properties: ['spec.resources.requests.storage'],
        },
      ],
    });
  });

  test('says what stays in the cluster', () => {
    const { lines } = progress(step('delete', { old: { retainOnDelete: true } }));
    expect(lines).toEqual(['- PersistentVolumeClaim data-loki-0 left in the cluster']);
  });

  test('collects errors with the resource, and not the line that follows them', () => {
    const error = (message: string, rest = {}) => ({
      diagnosticEvent: { message, severity: 'error', ...rest },
    });
    const { target } = progress(
      error('<{%fg 9%}>refused<{%reset%}>\n', { urn: claim }),
      error('update failed'),
    );
    expect(target.errors).toEqual(['data-loki-0: refused']);
  });
});
