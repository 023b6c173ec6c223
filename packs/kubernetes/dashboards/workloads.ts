import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Dashboard, PackContext } from '../../../components/contracts';
import { dashboard, type Row } from '../../dashboard';
import { promql, table, timeseries } from '../../panels';
import { cpu, memory, memoryOfLimit, network, restarts, withWorkload } from './usage';

const NAMESPACE = 'namespace=~"$namespace"';
const WORKLOAD = { namespace: 'Namespace', workload: 'Workload' };
const PODS_LINK = {
  title: 'Open its pods',
  url: '/d/kubernetes-pods?var-namespace=${__data.fields.Namespace}&${__url_time_range}',
};

const byWorkload = (expr: string, aggregate: 'sum' | 'max' = 'sum') =>
  `${aggregate} by (namespace, workload) (${withWorkload(expr)})`;

const overview: Row = {
  title: 'Workloads',
  panels: [
    table({
      title: 'Workloads',
      description:
        'Pods of each workload (named after what their controllers append to) with what they use. A click opens the pods of the namespace.',
      labels: WORKLOAD,
      links: [PODS_LINK],
      columns: [
        {
          title: 'Pods',
          expr: `count by (namespace, workload) (${withWorkload(`count by (namespace, pod) (container_memory_working_set_bytes{container!="", container!="POD", ${NAMESPACE}})`)})`,
        },
        { title: 'CPU', unit: units.Short, decimals: 3, expr: byWorkload(cpu('namespace, pod', NAMESPACE)) },
        { title: 'Memory', unit: units.BytesIEC, expr: byWorkload(memory('namespace, pod', NAMESPACE)) },
        {
          title: 'Memory of limit',
          unit: units.PercentUnit,
          thresholds: { warning: 0.8, critical: 0.95 },
          expr: byWorkload(memoryOfLimit('namespace, pod', NAMESPACE), 'max'),
        },
        {
          title: 'Received',
          unit: units.BytesPerSecondIEC,
          expr: byWorkload(network('receive', 'namespace, pod', NAMESPACE)),
        },
        {
          title: 'Restarts in 24 h',
          thresholds: { warning: 1, critical: 5 },
          expr: byWorkload(restarts('24h', NAMESPACE)),
        },
      ],
      noValue: 'no pods',
      height: 12,
    }),
  ],
};

const usage: Row = {
  title: 'Use',
  panels: [
    timeseries({
      title: 'CPU by workload',
      description: 'Cores in use: who took them when the node got slow.',
      unit: units.Short,
      stacked: true,
      min: 0,
      queries: [
        promql(`topk(15, ${byWorkload(cpu('namespace, pod', NAMESPACE))})`, '{{namespace}}/{{workload}}'),
      ],
    }),
    timeseries({
      title: 'Memory by workload',
      description: 'Memory in use. A line that only rises is a leak.',
      unit: units.BytesIEC,
      stacked: true,
      min: 0,
      queries: [
        promql(`topk(15, ${byWorkload(memory('namespace, pod', NAMESPACE))})`, '{{namespace}}/{{workload}}'),
      ],
    }),
    timeseries({
      title: 'Network by workload',
      description: 'Bytes received and sent.',
      unit: units.BytesPerSecondIEC,
      queries: [
        promql(
          `topk(10, ${byWorkload(network('receive', 'namespace, pod', NAMESPACE))})`,
          '{{namespace}}/{{workload}} received',
        ),
        promql(
          `topk(10, ${byWorkload(network('transmit', 'namespace, pod', NAMESPACE))})`,
          '{{namespace}}/{{workload}} sent',
        ),
      ],
    }),
  ],
};

/** Replicas that controllers want and have. */
const replicas: Row = {
  title: 'Desired against actual',
  panels: [
    table({
      title: 'Missing replicas',
      description:
        'Workloads with fewer ready pods than wanted. Longer than a rollout takes: look at the pods’ events.',
      labels: { namespace: 'Namespace', workload: 'Workload' },
      columns: [
        {
          title: 'Missing',
          thresholds: { warning: 1, critical: 2 },
          expr: [
            ['deployment', 'kube_deployment_spec_replicas', 'kube_deployment_status_replicas_ready'],
            ['statefulset', 'kube_statefulset_replicas', 'kube_statefulset_status_replicas_ready'],
            [
              'daemonset',
              'kube_daemonset_status_desired_number_scheduled',
              'kube_daemonset_status_number_ready',
            ],
          ]
            .map(
              ([kind, wanted, ready]) =>
                `(sum by (namespace, workload) (label_replace(${wanted}{${NAMESPACE}} - ${ready}{${NAMESPACE}}, "workload", "$1", "${kind}", "(.+)")) > 0)`,
            )
            .join(' or '),
        },
      ],
      noValue: 'none',
      width: 12,
    }),
    table({
      title: 'Requests against use',
      description:
        'CPU and memory that the pods of a namespace asked for. Much more than they use: nodes are full while idle.',
      labels: { namespace: 'Namespace' },
      columns: [
        {
          title: 'CPU requested',
          unit: units.Short,
          decimals: 2,
          expr: `sum by (namespace) (kube_pod_container_resource_requests{resource="cpu", ${NAMESPACE}})`,
        },
        { title: 'CPU used', unit: units.Short, decimals: 2, expr: cpu('namespace', NAMESPACE) },
        {
          title: 'Memory requested',
          unit: units.BytesIEC,
          expr: `sum by (namespace) (kube_pod_container_resource_requests{resource="memory", ${NAMESPACE}})`,
        },
        { title: 'Memory used', unit: units.BytesIEC, expr: memory('namespace', NAMESPACE) },
      ],
      width: 12,
    }),
  ],
};

/** What each namespace and workload uses. */
export function workloadsDashboard({ components }: PackContext): Dashboard {
  return dashboard({
    uid: 'kubernetes-workloads',
    title: 'Namespaces and workloads',
    description: 'What the workloads of each namespace use, and whether they have the pods they want.',
    tag: 'kubernetes',
    variables: [
      {
        name: 'namespace',
        label: 'Namespace',
        query: 'label_values(container_memory_working_set_bytes{pod!=""}, namespace)',
      },
    ],
    rows: [overview, ...(components.includes('kube-state-metrics') ? [replicas] : []), usage],
  });
}
