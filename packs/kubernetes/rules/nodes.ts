import type { RuleGroup } from '../../../components/contracts';
import { alert, record } from '../../alert';

// what pods and the kubelet mount is someone else's space
const FILESYSTEM = 'job="node-exporter",fstype!~"tmpfs|ramfs|overlay|squashfs|iso9660|nsfs|fuse.*"';

/** Readiness of nodes as the API server sees it. Needs kube-state-metrics. */
export function nodeStatusRules(): RuleGroup {
  return {
    name: 'node-status',
    rules: [
      alert('KubeNodeNotReady', {
        severity: 'critical',
        expr: `
          kube_node_status_condition{job="kube-state-metrics",condition="Ready",status="true"} == 0
          and on (node) kube_node_spec_unschedulable{job="kube-state-metrics"} == 0`,
        for: '10m',
        summary: 'A node is not ready.',
        description: 'Node {{ $labels.node }} has not been ready for 10 minutes and is not cordoned.',
      }),
      alert('KubeNodePressure', {
        severity: 'warning',
        expr: `
          kube_node_status_condition{job="kube-state-metrics",condition=~"(Memory|Disk|PID)Pressure",status="true"} == 1`,
        for: '10m',
        summary: 'A node runs out of a resource and evicts pods.',
        description: 'Node {{ $labels.node }} has reported {{ $labels.condition }} for 10 minutes.',
      }),
    ],
  };
}

/** Use of the machines. Needs node-exporter. */
export function nodeResourceRules(): RuleGroup {
  return {
    name: 'node-resources',
    rules: [
      record(
        'node:node_cpu_utilisation:ratio_rate5m',
        '1 - avg by (node) (rate(node_cpu_seconds_total{job="node-exporter",mode="idle"}[5m]))',
      ),
      record(
        'node:node_memory_utilisation:ratio',
        `1 - max by (node) (node_memory_MemAvailable_bytes{job="node-exporter"})
          / max by (node) (node_memory_MemTotal_bytes{job="node-exporter"})`,
      ),
      alert('NodeCPUHigh', {
        severity: 'warning',
        expr: 'node:node_cpu_utilisation:ratio_rate5m > 0.9',
        for: '30m',
        summary: 'A node has used nearly all of its CPU for half an hour.',
        description: 'Node {{ $labels.node }} uses {{ $value | humanizePercentage }} of its CPU.',
      }),
      alert('NodeMemoryHigh', {
        severity: 'warning',
        expr: 'node:node_memory_utilisation:ratio > 0.9',
        for: '15m',
        summary: 'A node is nearly out of memory.',
        description: 'Node {{ $labels.node }} uses {{ $value | humanizePercentage }} of its memory.',
      }),
      alert('NodeClockSkewed', {
        severity: 'warning',
        expr: `
          abs(node_timex_offset_seconds{job="node-exporter"}) > 0.05
          or max_over_time(node_timex_maxerror_seconds{job="node-exporter"}[5m]) >= 16
          and on (node) min_over_time(node_timex_sync_status{job="node-exporter"}[5m]) == 0`,
        for: '15m',
        summary: "A node's clock is off or not synchronised.",
        description:
          'The clock of node {{ $labels.node }} may be off by {{ $value | humanizeDuration }}: times of logs and spans are wrong.',
      }),
      ...fillingUp({
        name: 'NodeFilesystemFillingUp',
        free: `max by (node, device) (node_filesystem_avail_bytes{${FILESYSTEM}} and node_filesystem_readonly{${FILESYSTEM}} == 0)`,
        size: `max by (node, device) (node_filesystem_size_bytes{${FILESYSTEM}})`,
        trend: `max by (node, device) (predict_linear(node_filesystem_avail_bytes{${FILESYSTEM}}[6h], 86400))`,
        unit: 'space',
      }),
      ...fillingUp({
        name: 'NodeInodesFillingUp',
        free: `max by (node, device) (node_filesystem_files_free{${FILESYSTEM}} and node_filesystem_readonly{${FILESYSTEM}} == 0)`,
        size: `max by (node, device) (node_filesystem_files{${FILESYSTEM}})`,
        trend: `max by (node, device) (predict_linear(node_filesystem_files_free{${FILESYSTEM}}[6h], 86400))`,
        unit: 'inodes',
      }),
    ],
  };
}

/**
 * A file system that is full within a day at the pace of the last six hours, and one that has 5 % left. It counts once,
 * wherever else it is mounted.
 */
function fillingUp(on: { name: string; free: string; size: string; trend: string; unit: string }) {
  const where = 'The file system on {{ $labels.device }} of node {{ $labels.node }}';
  return [
    alert(on.name, {
      severity: 'warning',
      expr: `${on.free} / ${on.size} < 0.3 and ${on.trend} < 0`,
      for: '1h',
      summary: `A node's file system is expected to run out of ${on.unit} within a day.`,
      description: `${where} has {{ $value | humanizePercentage }} of its ${on.unit} left and is full within a day at this pace.`,
    }),
    alert(on.name, {
      severity: 'critical',
      expr: `${on.free} / ${on.size} < 0.05`,
      for: '5m',
      summary: `A node's file system is nearly out of ${on.unit}.`,
      description: `${where} has {{ $value | humanizePercentage }} of its ${on.unit} left.`,
    }),
  ];
}
