import { kubeStateMetricsArguments, rules } from '../../components/kube-state-metrics/config';

const KINDS =
  'cronjobs,daemonsets,deployments,horizontalpodautoscalers,ingresses,jobs,limitranges,namespaces,nodes,' +
  'persistentvolumeclaims,persistentvolumes,poddisruptionbudgets,pods,replicasets,replicationcontrollers,' +
  'resourcequotas,services,statefulsets,storageclasses';

describe('kube-state-metrics', () => {
  test('reports the kinds that tell the state of the cluster', () => {
    expect(kubeStateMetricsArguments()).toEqual([
      '--port=8080',
      '--telemetry-port=8081',
      `--resources=${KINDS}`,
      '--use-apiserver-cache',
    ]);
  });

  test('may list and watch what it reports, and read nothing else', () => {
    expect(
      rules
        .flatMap(({ resources }) => resources)
        .sort()
        .join(','),
    ).toBe(KINDS);
    for (const { verbs } of rules) expect(verbs).toEqual(['list', 'watch']);
    expect(rules).toContainEqual({
      apiGroups: ['apps'],
      resources: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'],
      verbs: ['list', 'watch'],
    });
  });
});
