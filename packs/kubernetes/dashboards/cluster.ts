import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Dashboard, PackContext } from '../../../components/contracts';
import { dashboard, type Row } from '../../dashboard';
import { promql, promqlNow, stat, table, timeseries } from '../../panels';
import { cpu, memory, network, NODE, restarts } from './usage';

const nodeCpu = (by: string) =>
  `sum by (${by}) (rate(container_cpu_usage_seconds_total{${NODE}}[$__rate_interval])) / sum by (${by}) (machine_cpu_cores)`;
const nodeMemory = (by: string) =>
  `sum by (${by}) (container_memory_working_set_bytes{${NODE}}) / sum by (${by}) (machine_memory_bytes)`;

const now: Row = {
  title: 'Now',
  panels: [
    stat({
      title: 'Nodes',
      description: 'Nodes whose kubelet answers.',
      query: promqlNow('sum(up{job="kubelet"})'),
      noValue: '0',
    }),
    stat({
      title: 'Kubelets down',
      description: 'Nodes whose kubelet does not answer: their pods are moved after five minutes.',
      query: promqlNow('count(up{job="kubelet"} == 0) or vector(0)'),
      thresholds: { warning: 1, critical: 1 },
    }),
    stat({
      title: 'Pods',
      description: 'Pods that run, on all nodes. A sudden fall: a node was lost, or a workload scaled down.',
      query: promqlNow('sum(kubelet_running_pods)'),
    }),
    stat({
      title: 'CPU',
      description: 'Share of all cores in use.',
      unit: units.PercentUnit,
      query: promqlNow(nodeCpu('')),
      thresholds: { warning: 0.8, critical: 0.95 },
    }),
    stat({
      title: 'Memory',
      description: 'Share of all memory in use. Near 100 %, nodes evict pods.',
      unit: units.PercentUnit,
      query: promqlNow(nodeMemory('')),
      thresholds: { warning: 0.85, critical: 0.95 },
    }),
    stat({
      title: 'API errors',
      description: 'Share of requests that the API server answered with a server error.',
      unit: units.PercentUnit,
      decimals: 2,
      query: promqlNow(
        '(sum(rate(apiserver_request_total{code=~"5.."}[5m])) or vector(0)) / sum(rate(apiserver_request_total[5m]))',
      ),
      thresholds: { warning: 0.001, critical: 0.01 },
    }),
  ],
};

const byNode: Row = {
  title: 'Nodes',
  panels: [
    timeseries({
      title: 'CPU by node',
      description: 'Share of each node’s cores in use.',
      unit: units.PercentUnit,
      min: 0,
      max: 1,
      thresholds: { warning: 0.8, critical: 0.95 },
      queries: [promql(nodeCpu('node'), '{{node}}')],
    }),
    timeseries({
      title: 'Memory by node',
      description: 'Share of each node’s memory in use.',
      unit: units.PercentUnit,
      min: 0,
      max: 1,
      thresholds: { warning: 0.85, critical: 0.95 },
      queries: [promql(nodeMemory('node'), '{{node}}')],
    }),
    timeseries({
      title: 'Pods by node',
      description: 'Pods that run on each node; most nodes take 110.',
      unit: units.Short,
      min: 0,
      queries: [promql('sum by (node) (kubelet_running_pods)', '{{node}}')],
    }),
  ],
};

const byNamespace: Row = {
  title: 'Namespaces',
  panels: [
    timeseries({
      title: 'CPU by namespace',
      description: 'Cores in use by the pods of each namespace.',
      unit: units.Short,
      stacked: true,
      min: 0,
      queries: [promql(cpu('namespace'), '{{namespace}}')],
    }),
    timeseries({
      title: 'Memory by namespace',
      description: 'Memory in use by the pods of each namespace.',
      unit: units.BytesIEC,
      stacked: true,
      min: 0,
      queries: [promql(memory('namespace'), '{{namespace}}')],
    }),
    timeseries({
      title: 'Network by namespace',
      description: 'Bytes received by the pods of each namespace.',
      unit: units.BytesPerSecondIEC,
      stacked: true,
      min: 0,
      queries: [promql(network('receive', 'namespace'), '{{namespace}}')],
    }),
  ],
};

const trouble: Row = {
  title: 'Trouble',
  panels: [
    table({
      title: 'Containers started again in the last hour',
      description: 'Containers that ended and were started again: crashes, failed probes, or out of memory.',
      labels: { namespace: 'Namespace', pod: 'Pod', container: 'Container' },
      columns: [{ title: 'Restarts', expr: restarts('1h'), thresholds: { warning: 2, critical: 5 } }],
      noValue: 'none',
      width: 12,
    }),
    table({
      title: 'Out of memory in the last hour',
      description:
        'Containers in which the kernel killed a process: raise the memory limit, or find the leak.',
      labels: { namespace: 'Namespace', pod: 'Pod', container: 'Container' },
      columns: [
        {
          title: 'Kills',
          decimals: 0,
          expr: 'sum by (namespace, pod, container) (increase(container_oom_events_total{container!=""}[1h])) > 0',
          thresholds: { warning: 1, critical: 3 },
        },
      ],
      noValue: 'none',
      width: 12,
    }),
  ],
};

/** What only the API's objects tell: desired state against actual. */
const states: Row = {
  title: 'Desired against actual',
  panels: [
    timeseries({
      title: 'Pods by phase',
      description: 'Pending for long: no node has room, or a volume or an image is missing.',
      unit: units.Short,
      stacked: true,
      min: 0,
      queries: [promql('sum by (phase) (kube_pod_status_phase) > 0', '{{phase}}')],
    }),
    table({
      title: 'Waiting containers',
      description:
        'Why containers do not run: a crash loop, an image that cannot be pulled, a missing ConfigMap or Secret.',
      labels: { namespace: 'Namespace', pod: 'Pod', reason: 'Reason' },
      columns: [
        {
          title: 'Containers',
          expr: 'sum by (namespace, pod, reason) (kube_pod_container_status_waiting_reason) > 0',
        },
      ],
      noValue: 'none',
      width: 8,
    }),
    table({
      title: 'Nodes with a condition',
      description: 'Nodes that are not ready, or under pressure.',
      labels: { node: 'Node', condition: 'Condition' },
      columns: [
        {
          title: 'Reports',
          expr: '(sum by (node, condition) (kube_node_status_condition{condition="Ready", status!="true"}) > 0) or (sum by (node, condition) (kube_node_status_condition{condition!="Ready", status="true"}) > 0)',
        },
      ],
      noValue: 'none',
      width: 8,
    }),
  ],
};

/** The cluster at a glance. */
export function clusterDashboard({ components }: PackContext): Dashboard {
  return dashboard({
    uid: 'kubernetes-cluster',
    title: 'Cluster',
    description: 'Nodes, namespaces and what goes wrong.',
    tag: 'kubernetes',
    rows: [now, trouble, ...(components.includes('kube-state-metrics') ? [states] : []), byNode, byNamespace],
  });
}
