import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Dashboard } from '../../../components/contracts';
import { seconds } from '../../../components/units';
import { dashboard, type Row } from '../../dashboard';
import { promql, promqlNow, stat, table, timeseries } from '../../panels';

const NODE = 'job="node-exporter", node=~"$node"';
const FILE_SYSTEMS = `${NODE}, fstype!~"tmpfs|overlay|squashfs|ramfs|iso9660", mountpoint!~"/(run|var/lib/(kubelet|containerd|docker))/.*"`;
const DISKS = `${NODE}, device!~"(loop|ram|dm-).*"`;
const INTERFACES = `${NODE}, device!~"lo|(veth|cali|cni|flannel|docker|lxc|nodelocaldns|kube-ipvs).*"`;

const rate = (metric: string, selector = NODE) => `rate(${metric}{${selector}}[$__rate_interval])`;

const now: Row = {
  title: 'Now',
  panels: [
    table({
      title: 'Nodes',
      description: 'Use and saturation of each node in one line. Red names the resource that is short.',
      labels: { node: 'Node' },
      columns: [
        {
          title: 'CPU',
          unit: units.PercentUnit,
          thresholds: { warning: 0.8, critical: 0.95 },
          expr: `1 - avg by (node) (${rate('node_cpu_seconds_total', `${NODE}, mode="idle"`)})`,
        },
        {
          title: 'Load per core',
          decimals: 2,
          thresholds: { warning: 1.5, critical: 3 },
          expr: `sum by (node) (node_load5{${NODE}}) / count by (node) (node_cpu_seconds_total{${NODE}, mode="idle"})`,
        },
        {
          title: 'Memory',
          unit: units.PercentUnit,
          thresholds: { warning: 0.85, critical: 0.95 },
          expr: `1 - sum by (node) (node_memory_MemAvailable_bytes{${NODE}}) / sum by (node) (node_memory_MemTotal_bytes{${NODE}})`,
        },
        {
          title: 'Fullest file system',
          unit: units.PercentUnit,
          thresholds: { warning: 0.8, critical: 0.9 },
          expr: `max by (node) (1 - node_filesystem_avail_bytes{${FILE_SYSTEMS}} / node_filesystem_size_bytes{${FILE_SYSTEMS}})`,
        },
        {
          title: 'Busiest disk',
          unit: units.PercentUnit,
          thresholds: { warning: 0.8, critical: 0.95 },
          expr: `max by (node) (${rate('node_disk_io_time_seconds_total', DISKS)})`,
        },
        {
          title: 'Up for',
          unit: units.Seconds,
          thresholds: { warning: 3600, critical: 600 },
          expr: `max by (node) (time() - node_boot_time_seconds{${NODE}})`,
        },
      ],
      noValue: 'no node exporter answers',
    }),
  ],
};

const cpu: Row = {
  title: 'CPU',
  panels: [
    timeseries({
      title: 'CPU in use',
      description: 'Share of cores in use.',
      unit: units.PercentUnit,
      min: 0,
      max: 1,
      thresholds: { warning: 0.8, critical: 0.95 },
      queries: [
        promql(`1 - avg by (node) (${rate('node_cpu_seconds_total', `${NODE}, mode="idle"`)})`, '{{node}}'),
      ],
    }),
    timeseries({
      title: 'CPU by mode',
      description:
        'What the cores do. iowait: the disk is slow; steal: the hypervisor gives the time to others.',
      unit: units.PercentUnit,
      stacked: true,
      min: 0,
      queries: [
        promql(`avg by (mode) (${rate('node_cpu_seconds_total', `${NODE}, mode!="idle"`)})`, '{{mode}}'),
      ],
    }),
    timeseries({
      title: 'Waiting for a core',
      description: 'Share of time in which something waited for a core (pressure), and the load per core.',
      unit: units.PercentUnit,
      min: 0,
      queries: [
        promql(rate('node_pressure_cpu_waiting_seconds_total'), '{{node}} pressure'),
        promql(
          `sum by (node) (node_load1{${NODE}}) / count by (node) (node_cpu_seconds_total{${NODE}, mode="idle"})`,
          '{{node}} load per core',
        ),
      ],
    }),
  ],
};

const memory: Row = {
  title: 'Memory',
  panels: [
    timeseries({
      title: 'Memory in use',
      description: 'Share that is not available. Near 100 % the kubelet evicts pods.',
      unit: units.PercentUnit,
      min: 0,
      max: 1,
      thresholds: { warning: 0.85, critical: 0.95 },
      queries: [
        promql(
          `1 - node_memory_MemAvailable_bytes{${NODE}} / node_memory_MemTotal_bytes{${NODE}}`,
          '{{node}}',
        ),
      ],
    }),
    timeseries({
      title: 'Waiting for memory',
      description:
        'Pages read back from disk each second, and the share of time in which something waited for memory.',
      unit: units.Short,
      min: 0,
      queries: [
        promql(rate('node_vmstat_pgmajfault'), '{{node}} major faults'),
        promql(rate('node_pressure_memory_waiting_seconds_total'), '{{node}} pressure'),
      ],
    }),
    timeseries({
      title: 'Out-of-memory kills',
      description: 'Processes that the kernel killed, in pods or on the node itself.',
      unit: units.Short,
      min: 0,
      queries: [promql(`increase(node_vmstat_oom_kill{${NODE}}[$__rate_interval])`, '{{node}}')],
      noValue: 'none',
    }),
  ],
};

const disk: Row = {
  title: 'Disk',
  panels: [
    timeseries({
      title: 'File systems',
      description:
        'Share of each file system in use. At 85 % the kubelet deletes images, at 90 % it evicts pods.',
      unit: units.PercentUnit,
      min: 0,
      max: 1,
      thresholds: { warning: 0.8, critical: 0.9 },
      queries: [
        promql(
          `max by (node, mountpoint) (1 - node_filesystem_avail_bytes{${FILE_SYSTEMS}} / node_filesystem_size_bytes{${FILE_SYSTEMS}})`,
          '{{node}} {{mountpoint}}',
        ),
      ],
    }),
    timeseries({
      title: 'Disks busy',
      description: 'Share of time in which a disk works. At 100 % requests queue.',
      unit: units.PercentUnit,
      min: 0,
      thresholds: { warning: 0.8, critical: 0.95 },
      queries: [promql(rate('node_disk_io_time_seconds_total', DISKS), '{{node}} {{device}}')],
    }),
    timeseries({
      title: 'Disk throughput',
      description: 'Bytes read and written.',
      unit: units.BytesPerSecondIEC,
      queries: [
        promql(`sum by (node) (${rate('node_disk_read_bytes_total', DISKS)})`, '{{node}} read'),
        promql(`sum by (node) (${rate('node_disk_written_bytes_total', DISKS)})`, '{{node}} written'),
      ],
    }),
  ],
};

const network: Row = {
  title: 'Network and clock',
  panels: [
    timeseries({
      title: 'Network throughput',
      description: 'Bytes over the node’s own interfaces.',
      unit: units.BytesPerSecondIEC,
      queries: [
        promql(
          `sum by (node) (${rate('node_network_receive_bytes_total', INTERFACES)})`,
          '{{node}} received',
        ),
        promql(`sum by (node) (${rate('node_network_transmit_bytes_total', INTERFACES)})`, '{{node}} sent'),
      ],
    }),
    timeseries({
      title: 'Network errors and drops',
      description:
        'Packets lost on the node’s own interfaces. Steadily above zero: cabling, driver or a full ring.',
      unit: units.PacketsPerSecond,
      queries: [
        promql(
          `sum by (node) (${rate('node_network_receive_errs_total', INTERFACES)})`,
          '{{node}} receive errors',
        ),
        promql(
          `sum by (node) (${rate('node_network_transmit_errs_total', INTERFACES)})`,
          '{{node}} send errors',
        ),
        promql(
          `sum by (node) (${rate('node_network_receive_drop_total', INTERFACES)})`,
          '{{node}} receive drops',
        ),
        promql(
          `sum by (node) (${rate('node_network_transmit_drop_total', INTERFACES)})`,
          '{{node}} send drops',
        ),
      ],
    }),
    stat({
      title: 'Largest clock offset',
      description:
        'Distance from the time source. Certificates, tokens and samples suffer from a wrong clock.',
      unit: units.Seconds,
      query: promqlNow(`max(abs(node_timex_offset_seconds{${NODE}}))`),
      thresholds: { warning: 0.05, critical: 0.5 },
      noValue: 'not measured',
      height: 8,
    }),
    stat({
      title: 'First file system full in',
      description: 'If it keeps filling as in the last six hours.',
      unit: units.Seconds,
      query: promqlNow(
        `min(node_filesystem_avail_bytes{${FILE_SYSTEMS}} / (-deriv(node_filesystem_avail_bytes{${FILE_SYSTEMS}}[6h]) > 0))`,
      ),
      thresholds: { warning: seconds('7d'), critical: seconds('1d') },
      noValue: 'none fills',
      height: 8,
    }),
  ],
};

/** Utilization, saturation and errors of each node, from the node exporter. */
export function nodesDashboard(): Dashboard {
  return dashboard({
    uid: 'kubernetes-nodes',
    title: 'Nodes',
    description: 'Utilization, saturation and errors of CPU, memory, disk and network of each node.',
    tag: 'kubernetes',
    variables: [{ name: 'node', label: 'Node', query: 'label_values(node_uname_info, node)' }],
    rows: [now, cpu, memory, disk, network],
  });
}
