import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Dashboard, PackContext } from '../../../components/contracts';
import { dashboard, type Row } from '../../dashboard';
import { logql, logs, promql, table, timeseries } from '../../panels';
import { containers, cpu, memory, memoryOfLimit, restarts } from './usage';

const POD = 'namespace=~"$namespace", pod=~"$pod"';
const BY = 'namespace, pod, container';
const LABELS = { namespace: 'Namespace', pod: 'Pod', container: 'Container' };

const summary: Row = {
  title: 'Containers',
  panels: [
    table({
      title: 'Containers',
      description: 'Use, limits, throttling and restarts of each container.',
      labels: LABELS,
      columns: [
        { title: 'CPU', unit: units.Short, decimals: 3, expr: cpu(BY, POD) },
        { title: 'Memory', unit: units.BytesIEC, expr: memory(BY, POD) },
        {
          title: 'Memory of limit',
          unit: units.PercentUnit,
          thresholds: { warning: 0.8, critical: 0.95 },
          expr: memoryOfLimit(BY, POD),
        },
        {
          title: 'Throttled',
          unit: units.PercentUnit,
          thresholds: { warning: 0.25, critical: 0.5 },
          expr: `sum by (${BY}) (rate(container_cpu_cfs_throttled_periods_total${containers(POD)}[$__rate_interval])) / sum by (${BY}) (rate(container_cpu_cfs_periods_total${containers(POD)}[$__rate_interval]))`,
        },
        {
          title: 'Restarts in 24 h',
          thresholds: { warning: 1, critical: 5 },
          expr: restarts('24h', POD),
        },
      ],
      noValue: 'no such pod runs',
    }),
  ],
};

const usage: Row = {
  title: 'Use',
  panels: [
    timeseries({
      title: 'CPU',
      description: 'Cores in use by each container.',
      unit: units.Short,
      min: 0,
      queries: [promql(cpu(BY, POD), '{{pod}} {{container}}')],
    }),
    timeseries({
      title: 'Memory',
      description:
        'Memory in use by each container. A line that rises to its limit and falls to nothing: killed.',
      unit: units.BytesIEC,
      min: 0,
      queries: [
        promql(memory(BY, POD), '{{pod}} {{container}}'),
        promql(
          `max by (container) (container_spec_memory_limit_bytes${containers(POD)} > 0)`,
          'limit of {{container}}',
        ),
      ],
    }),
    timeseries({
      title: 'CPU throttling',
      description:
        'Share of periods in which a container wanted more than its CPU limit. It is slow without being busy.',
      unit: units.PercentUnit,
      min: 0,
      max: 1,
      thresholds: { warning: 0.25, critical: 0.5 },
      queries: [
        promql(
          `sum by (${BY}) (rate(container_cpu_cfs_throttled_periods_total${containers(POD)}[$__rate_interval])) / sum by (${BY}) (rate(container_cpu_cfs_periods_total${containers(POD)}[$__rate_interval]))`,
          '{{pod}} {{container}}',
        ),
      ],
      noValue: 'no CPU limits',
    }),
    timeseries({
      title: 'Network',
      description: 'Bytes received and sent by each pod.',
      unit: units.BytesPerSecondIEC,
      queries: [
        promql(
          `sum by (pod) (rate(container_network_receive_bytes_total{${POD}}[$__rate_interval]))`,
          '{{pod}} received',
        ),
        promql(
          `sum by (pod) (rate(container_network_transmit_bytes_total{${POD}}[$__rate_interval]))`,
          '{{pod}} sent',
        ),
      ],
    }),
    timeseries({
      title: 'Network errors and drops',
      description: 'Packets lost at the pod’s interface.',
      unit: units.PacketsPerSecond,
      queries: [
        promql(
          `sum by (pod) (rate(container_network_receive_packets_dropped_total{${POD}}[$__rate_interval]) + rate(container_network_transmit_packets_dropped_total{${POD}}[$__rate_interval]))`,
          '{{pod}} dropped',
        ),
        promql(
          `sum by (pod) (rate(container_network_receive_errors_total{${POD}}[$__rate_interval]) + rate(container_network_transmit_errors_total{${POD}}[$__rate_interval]))`,
          '{{pod}} errors',
        ),
      ],
    }),
    timeseries({
      title: 'Disk throughput',
      description: 'Bytes that containers read from and write to disks.',
      unit: units.BytesPerSecondIEC,
      queries: [
        promql(
          `sum by (${BY}) (rate(container_fs_reads_bytes_total${containers(POD)}[$__rate_interval]))`,
          '{{pod}} {{container}} read',
        ),
        promql(
          `sum by (${BY}) (rate(container_fs_writes_bytes_total${containers(POD)}[$__rate_interval]))`,
          '{{pod}} {{container}} written',
        ),
      ],
      noValue: 'the runtime does not measure it',
    }),
  ],
};

/** Why a pod is not what it should be, from the API's objects. */
const states: Row = {
  title: 'State',
  panels: [
    table({
      title: 'Why containers wait or ended',
      description: 'Reasons such as CrashLoopBackOff, ImagePullBackOff or OOMKilled, now or at the last end.',
      labels: { ...LABELS, reason: 'Reason' },
      columns: [
        {
          title: 'Containers',
          expr: `sum by (${BY}, reason) (kube_pod_container_status_waiting_reason{${POD}}) > 0 or sum by (${BY}, reason) (kube_pod_container_status_last_terminated_reason{${POD}, reason!="Completed"}) > 0`,
        },
      ],
      noValue: 'none waits, none failed',
      width: 12,
    }),
    timeseries({
      title: 'Pods not ready',
      description: 'Pods whose readiness probe fails: Services send them nothing.',
      unit: units.Short,
      min: 0,
      queries: [promql(`sum by (pod) (kube_pod_status_ready{${POD}, condition="false"}) > 0`, '{{pod}}')],
      noValue: 'all ready',
      width: 12,
    }),
  ],
};

const lines: Row = {
  title: 'Logs',
  panels: [
    logs({
      title: 'Lines',
      description: 'What the chosen pods wrote, newest first.',
      query: logql('{k8s_namespace_name=~"$namespace"} | k8s_pod_name=~"$pod"'),
      noValue: 'no lines',
    }),
  ],
};

/** What pods use and why they fail. */
export function podsDashboard({ components }: PackContext): Dashboard {
  return dashboard({
    uid: 'kubernetes-pods',
    title: 'Pods',
    description: 'What pods and their containers use, why they fail, and what they write.',
    tag: 'kubernetes',
    variables: [
      {
        name: 'namespace',
        label: 'Namespace',
        query: 'label_values(container_memory_working_set_bytes{pod!=""}, namespace)',
      },
      {
        name: 'pod',
        label: 'Pod',
        query: 'label_values(container_memory_working_set_bytes{namespace=~"$namespace", pod!=""}, pod)',
      },
    ],
    rows: [
      summary,
      ...(components.includes('kube-state-metrics') ? [states] : []),
      usage,
      ...(components.includes('loki') ? [lines] : []),
    ],
  });
}
