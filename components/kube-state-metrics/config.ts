/** Kinds that it reports, by API group. Secrets and ConfigMaps are left out: it would hold them all in memory. */
const RESOURCES: Record<string, string[]> = {
  '': [
    'limitranges',
    'namespaces',
    'nodes',
    'persistentvolumeclaims',
    'persistentvolumes',
    'pods',
    'replicationcontrollers',
    'resourcequotas',
    'services',
  ],
  apps: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'],
  autoscaling: ['horizontalpodautoscalers'],
  batch: ['cronjobs', 'jobs'],
  'networking.k8s.io': ['ingresses'],
  policy: ['poddisruptionbudgets'],
  'storage.k8s.io': ['storageclasses'],
};

/** Ports of the cluster's metrics and of its own. */
export const PORTS = { metrics: 8080, telemetry: 8081 };

/** What it may read: exactly what it reports. */
export const rules = Object.entries(RESOURCES).map(([group, resources]) => ({
  apiGroups: [group],
  resources,
  verbs: ['list', 'watch'],
}));

/**
 * kube-state-metrics' arguments, which are its configuration.
 *
 * @see https://github.com/kubernetes/kube-state-metrics/blob/main/docs/developer/cli-arguments.md
 */
export function kubeStateMetricsArguments(): string[] {
  return [
    `--port=${PORTS.metrics}`,
    `--telemetry-port=${PORTS.telemetry}`,
    `--resources=${Object.values(RESOURCES).flat().sort().join(',')}`,
    // a new list after an outage then costs etcd nothing
    '--use-apiserver-cache',
  ];
}
