import type { AlertCase, RecordingCase } from './case';

const KSM = 'job="kube-state-metrics",instance="kube-state-metrics-0"';
const ksm = { job: 'kube-state-metrics', instance: 'kube-state-metrics-0' };
const NODE = 'job="node-exporter",instance="n1",node="n1"';

const ready = (cordoned: string): Record<string, string> => ({
  [`kube_node_status_condition{${KSM},node="n1",condition="Ready",status="true"}`]: '0x20',
  [`kube_node_spec_unschedulable{${KSM},node="n1"}`]: cordoned,
});

/** Two cores that idle for so many seconds of every minute. */
const cores = (idle: number): Record<string, string> => ({
  [`node_cpu_seconds_total{${NODE},cpu="0",mode="idle"}`]: `0+${idle}x60`,
  [`node_cpu_seconds_total{${NODE},cpu="1",mode="idle"}`]: `0+${idle}x60`,
  [`node_cpu_seconds_total{${NODE},cpu="0",mode="user"}`]: `0+${60 - idle}x60`,
});

const memory = (available: number): Record<string, string> => ({
  [`node_memory_MemAvailable_bytes{${NODE}}`]: `${available}x60`,
  [`node_memory_MemTotal_bytes{${NODE}}`]: '1000x60',
});

const clock = (offset: string, maxError: string, synchronised: string): Record<string, string> => ({
  [`node_timex_offset_seconds{${NODE}}`]: offset,
  [`node_timex_maxerror_seconds{${NODE}}`]: maxError,
  [`node_timex_sync_status{${NODE}}`]: synchronised,
});

const DISK = `${NODE},device="/dev/sda1",mountpoint="/",fstype="ext4"`;
const BIND = `${NODE},device="/dev/sda1",mountpoint="/srv",fstype="ext4"`;
const IMAGE = `${NODE},device="/dev/sr0",mountpoint="/mnt",fstype="udf"`;
const disk = (
  kind: 'bytes' | 'inodes',
  left: string,
  labels = DISK,
  readonly = '0x600',
): Record<string, string> => ({
  [kind === 'bytes' ? `node_filesystem_avail_bytes{${labels}}` : `node_filesystem_files_free{${labels}}`]:
    left,
  [kind === 'bytes' ? `node_filesystem_size_bytes{${labels}}` : `node_filesystem_files{${labels}}`]:
    '1000x600',
  [`node_filesystem_readonly{${labels}}`]: readonly,
});

const diskCases = (alert: string, kind: 'bytes' | 'inodes', unit: string): AlertCase[] => {
  const labels = { node: 'n1', device: '/dev/sda1' };
  return [
    {
      alert,
      severity: 'warning',
      fires: {
        // mounted twice
        series: { ...disk(kind, '350-0.3x600'), ...disk(kind, '350-0.3x600', BIND) },
        at: '8h20m',
        alerts: [
          {
            labels,
            description: `The file system on /dev/sda1 of node n1 has 20% of its ${unit} left and is full within a day at this pace.`,
          },
        ],
      },
      silent: { series: disk(kind, '350-0.1x600'), at: '8h20m' },
    },
    {
      alert,
      severity: 'critical',
      fires: {
        series: disk(kind, '40x20'),
        at: '6m',
        alerts: [
          { labels, description: `The file system on /dev/sda1 of node n1 has 4% of its ${unit} left.` },
        ],
      },
      // an image that is mounted read-only is full by design
      silent: { series: { ...disk(kind, '60x20'), ...disk(kind, '0x20', IMAGE, '1x20') }, at: '6m' },
    },
  ];
};

export const nodeCases: AlertCase[] = [
  {
    alert: 'KubeNodeNotReady',
    severity: 'critical',
    fires: {
      series: ready('0x20'),
      at: '11m',
      alerts: [
        {
          labels: { ...ksm, node: 'n1', condition: 'Ready', status: 'true' },
          description: 'Node n1 has not been ready for 10 minutes and is not cordoned.',
        },
      ],
    },
    silent: { series: ready('1x20'), at: '11m' },
  },
  {
    alert: 'KubeNodePressure',
    severity: 'warning',
    fires: {
      series: {
        [`kube_node_status_condition{${KSM},node="n1",condition="DiskPressure",status="true"}`]: '1x20',
      },
      at: '11m',
      alerts: [
        {
          labels: { ...ksm, node: 'n1', condition: 'DiskPressure', status: 'true' },
          description: 'Node n1 has reported DiskPressure for 10 minutes.',
        },
      ],
    },
    silent: {
      series: {
        [`kube_node_status_condition{${KSM},node="n1",condition="DiskPressure",status="true"}`]: '0x20',
        [`kube_node_status_condition{${KSM},node="n1",condition="DiskPressure",status="false"}`]: '1x20',
      },
      at: '11m',
    },
  },
  {
    alert: 'NodeCPUHigh',
    severity: 'warning',
    fires: {
      series: cores(3),
      at: '40m',
      alerts: [{ labels: { node: 'n1' }, description: 'Node n1 uses 95% of its CPU.' }],
    },
    silent: { series: cores(9), at: '40m' },
  },
  {
    alert: 'NodeMemoryHigh',
    severity: 'warning',
    fires: {
      series: memory(50),
      at: '16m',
      alerts: [{ labels: { node: 'n1' }, description: 'Node n1 uses 95% of its memory.' }],
    },
    silent: { series: memory(150), at: '16m' },
  },
  {
    alert: 'NodeClockSkewed',
    severity: 'warning',
    fires: {
      series: clock('0.5x20', '0.1x20', '1x20'),
      at: '16m',
      alerts: [
        {
          labels: { job: 'node-exporter', instance: 'n1', node: 'n1' },
          description: 'The clock of node n1 may be off by 500ms: times of logs and spans are wrong.',
        },
      ],
    },
    silent: { series: clock('-0.01x20', '16x20', '1x20'), at: '16m' },
  },
  ...diskCases('NodeFilesystemFillingUp', 'bytes', 'space'),
  ...diskCases('NodeInodesFillingUp', 'inodes', 'inodes'),
];

export const nodeRecordings: RecordingCase[] = [
  {
    record: 'node:node_cpu_utilisation:ratio_rate5m',
    given: { series: cores(15), at: '10m' },
    samples: [{ labels: '{node="n1"}', value: 0.75 }],
  },
  {
    record: 'node:node_memory_utilisation:ratio',
    given: { series: memory(400), at: '10m' },
    samples: [{ labels: '{node="n1"}', value: 0.6 }],
  },
];
