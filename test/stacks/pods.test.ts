import { bytes } from '../../components/units';
import { type Declared, renderStack, stackNames } from '../../local/rendering';

jest.setTimeout(60_000);

const AGENT_NAMESPACE = 'observatory-agent';
const HOST_ROOT = ['collector-agent'];
const API_USERS = ['collector', 'kube-state-metrics', 'prometheus'];

type Pod = Record<string, any> & {
  stack: string;
  component: string;
  namespace: string;
  spec: any;
  annotations: any;
};

async function pods(stack: string): Promise<Pod[]> {
  const { resources } = await renderStack(stack);
  return resources
    .filter(({ inputs }) => inputs.spec?.template)
    .map(({ inputs: { metadata, spec } }: Declared) => ({
      stack,
      component: metadata.name,
      namespace: metadata.namespace,
      spec: spec.template.spec,
      annotations: spec.template.metadata.annotations,
    }));
}

describe.each(stackNames())('pods of stack %s', (stack) => {
  let all: Pod[];
  beforeAll(async () => {
    all = await pods(stack);
  });
  const containers = (pod: Pod): any[] => [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const violations = (wrong: (pod: Pod, container: any) => boolean): string[] =>
    all.flatMap((pod) =>
      containers(pod)
        .filter((each) => wrong(pod, each))
        .map(() => pod.component),
    );

  test('there are some', () => expect(all.length).toBeGreaterThanOrEqual(6));

  test('run as a numeric user that is not root, but for the agent', () => {
    const roots = all.filter(
      ({ spec }) => !(spec.securityContext.runAsUser > 0 && spec.securityContext.runAsNonRoot),
    );
    expect(roots.map(({ component }) => component)).toEqual(
      HOST_ROOT.filter((name) => all.some((pod) => pod.component === name)),
    );
    expect(all.filter(({ spec }) => typeof spec.securityContext.runAsGroup !== 'number')).toEqual([]);
  });

  test('use the RuntimeDefault seccomp profile', () => {
    expect(violations(({ spec }) => spec.securityContext.seccompProfile?.type !== 'RuntimeDefault')).toEqual(
      [],
    );
  });

  test('drop every capability, never escalate, and cannot write to their root', () => {
    expect(
      violations((_, { securityContext }) => {
        const { allowPrivilegeEscalation, capabilities, readOnlyRootFilesystem, privileged } =
          securityContext;
        const dropped = JSON.stringify(capabilities) === '{"drop":["ALL"]}';
        return (
          allowPrivilegeEscalation !== false || !dropped || readOnlyRootFilesystem !== true || privileged
        );
      }),
    ).toEqual([]);
  });

  test('touch the host only in the agent namespace', () => {
    const host = all.filter(
      ({ spec }) =>
        spec.hostNetwork || spec.hostPID || spec.hostIPC || spec.volumes.some((each: any) => each.hostPath),
    );
    expect(host.filter(({ namespace }) => namespace !== AGENT_NAMESPACE)).toEqual([]);
  });

  test('have requests and a memory limit', () => {
    expect(
      violations(
        (_, { resources: { requests, limits } }) => !(requests.cpu && requests.memory && limits.memory),
      ),
    ).toEqual([]);
  });

  test('tell Go 80 % of the memory limit', () => {
    expect(
      violations((_, { env, resources }) => {
        const limit = env.find((each: any) => each.name === 'GOMEMLIMIT')?.value as string | undefined;
        const ratio = limit ? bytes(limit.replace(/B$/, '')) / bytes(resources.limits.memory) : 0;
        return ratio < 0.78 || ratio > 0.8;
      }),
    ).toEqual([]);
  });

  test('have startup, readiness and liveness probes on ports that they open', () => {
    expect(
      violations((_, { startupProbe, readinessProbe, livenessProbe, ports }) => {
        const names = ports.map((port: any) => port.name);
        return [startupProbe, readinessProbe, livenessProbe].some(
          (probe) => !probe || !names.includes((probe.httpGet ?? probe.tcpSocket).port),
        );
      }),
    ).toEqual([]);
  });

  test('mount a token only if they talk to the API server', () => {
    const mounted = all.filter(({ spec }) => spec.automountServiceAccountToken !== false);
    expect(API_USERS).toEqual(expect.arrayContaining(mounted.map(({ component }) => component)));
    expect(all.map(({ spec }) => spec.serviceAccountName).sort()).toEqual(
      all.map(({ component }) => component).sort(),
    );
  });

  test('roll when their configuration changes', () => {
    expect(
      all.filter(({ annotations }) => !/^[0-9a-f]{10}$/.test(annotations['observatory/config-hash'])),
    ).toEqual([]);
  });

  test('pull an image of an exact version', () => {
    expect(violations((_, { image }) => !/^[^\s:]+(:\d+)?\/[^\s:]+:v?\d+\.\d+\.\d+/.test(image))).toEqual([]);
  });

  test('take no secret from their environment or arguments', () => {
    expect(
      violations((_, { env, args }) => {
        const fromSecret = env.some((each: any) => each.valueFrom?.secretKeyRef);
        return fromSecret || [...args, ...env.map((each: any) => each.value)].join(' ').includes('(secret)');
      }),
    ).toEqual([]);
  });
});
