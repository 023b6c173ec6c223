import type { AlertCase, RecordingCase } from './case';

const API = 'job="apiserver",instance="10.0.0.1:6443"';
const CONTAINER = 'job="cadvisor",instance="n1",node="n1",namespace="shop",pod="web-1",container="web"';
const container = { namespace: 'shop', pod: 'web-1', container: 'web' };

const apiRequests = (failed: number): Record<string, string> => ({
  [`apiserver_request_total{${API},verb="GET",code="200"}`]: `0+${600 - failed}x30`,
  [`apiserver_request_total{${API},verb="GET",code="503"}`]: `0+${failed}x30`,
});

const apiLatency = (upTo1: string, upTo5: string): Record<string, string> => ({
  [`apiserver_request_duration_seconds_bucket{${API},verb="PUT",subresource="",le="1"}`]: upTo1,
  [`apiserver_request_duration_seconds_bucket{${API},verb="PUT",subresource="",le="5"}`]: upTo5,
  [`apiserver_request_duration_seconds_bucket{${API},verb="PUT",subresource="",le="+Inf"}`]: upTo5,
  // following a log lasts as long as the reader likes
  [`apiserver_request_duration_seconds_bucket{${API},verb="GET",subresource="log",le="1"}`]: '0x30',
  [`apiserver_request_duration_seconds_bucket{${API},verb="GET",subresource="log",le="+Inf"}`]: '0+60x30',
});

const relist = (upTo5: string, upTo10: string): Record<string, string> => ({
  'kubelet_pleg_relist_duration_seconds_bucket{job="kubelet",instance="n1",node="n1",le="5"}': upTo5,
  'kubelet_pleg_relist_duration_seconds_bucket{job="kubelet",instance="n1",node="n1",le="10"}': upTo10,
  'kubelet_pleg_relist_duration_seconds_bucket{job="kubelet",instance="n1",node="n1",le="+Inf"}': upTo10,
});

export const controlPlaneCases: AlertCase[] = [
  {
    alert: 'KubeAPIServerDown',
    severity: 'critical',
    fires: {
      series: { [`up{${API}}`]: '0x20' },
      at: '11m',
      alerts: [{ labels: {}, description: 'No target of the job apiserver has answered for 10 minutes.' }],
    },
    silent: {
      series: { [`up{${API}}`]: '0x20', 'up{job="apiserver",instance="10.0.0.2:6443"}': '1x20' },
      at: '11m',
    },
  },
  {
    alert: 'KubeAPIErrors',
    severity: 'critical',
    fires: {
      series: apiRequests(30),
      at: '16m',
      alerts: [{ labels: {}, description: '5% of the requests to the API server fail with 5xx.' }],
    },
    silent: { series: apiRequests(12), at: '16m' },
  },
  {
    alert: 'KubeAPILatencyHigh',
    severity: 'warning',
    fires: {
      series: apiLatency('0x30', '0+60x30'),
      at: '21m',
      alerts: [{ labels: { verb: 'PUT' }, description: 'The 99th percentile of PUT requests takes 4.96s.' }],
    },
    silent: { series: apiLatency('0+60x30', '0+60x30'), at: '21m' },
  },
  {
    alert: 'KubeletDown',
    severity: 'critical',
    fires: {
      series: {
        'up{job="kubelet",instance="n1",node="n1"}': '0x20',
        'up{job="kubelet",instance="n2",node="n2"}': '1x20',
      },
      at: '11m',
      alerts: [
        {
          labels: { job: 'kubelet', instance: 'n1', node: 'n1' },
          description: 'The kubelet of node n1 has not answered for 10 minutes.',
        },
      ],
    },
    silent: { series: { 'up{job="kubelet",instance="n1",node="n1"}': '0x8 1x20' }, at: '11m' },
  },
  {
    alert: 'KubeletRuntimeSlow',
    severity: 'warning',
    fires: {
      series: relist('0x30', '0+60x30'),
      at: '16m',
      alerts: [
        {
          labels: { node: 'n1' },
          description: 'The kubelet of node n1 takes 9.95s to list its containers (99th percentile).',
        },
      ],
    },
    silent: { series: relist('0+60x30', '0+60x30'), at: '16m' },
  },
  {
    alert: 'KubeletCertificateExpiring',
    severity: 'warning',
    fires: {
      series: {
        'kubelet_certificate_manager_client_ttl_seconds{job="kubelet",instance="n1",node="n1"}': '86400x20',
        'kubelet_certificate_manager_server_ttl_seconds{job="kubelet",instance="n1",node="n1"}': '8640000x20',
      },
      at: '16m',
      alerts: [
        {
          labels: { node: 'n1' },
          description: 'A certificate of the kubelet of node n1 expires in 1d 0h 0m 0s and was not renewed.',
        },
      ],
    },
    silent: {
      series: {
        'kubelet_certificate_manager_client_ttl_seconds{job="kubelet",instance="n1",node="n1"}': '691200x20',
        'kubelet_certificate_manager_server_ttl_seconds{job="kubelet",instance="n1",node="n1"}': '8640000x20',
      },
      at: '16m',
    },
  },
];

const throttled = (periods: number): Record<string, string> => ({
  [`container_cpu_cfs_throttled_periods_total{${CONTAINER}}`]: `0+${periods}x30`,
  [`container_cpu_cfs_periods_total{${CONTAINER}}`]: '0+600x30',
});

export const containerCases: AlertCase[] = [
  {
    alert: 'KubeContainerThrottled',
    severity: 'info',
    fires: {
      series: throttled(480),
      at: '21m',
      alerts: [
        {
          labels: container,
          description: 'Container web of pod shop/web-1 was throttled in 80% of its periods.',
        },
      ],
    },
    silent: { series: throttled(240), at: '21m' },
  },
  {
    alert: 'KubeContainerNearMemoryLimit',
    severity: 'warning',
    fires: {
      series: {
        [`container_memory_working_set_bytes{${CONTAINER}}`]: '950x20',
        [`container_spec_memory_limit_bytes{${CONTAINER}}`]: '1000x20',
      },
      at: '16m',
      alerts: [
        { labels: container, description: 'Container web of pod shop/web-1 uses 95% of its memory limit.' },
      ],
    },
    silent: {
      series: {
        [`container_memory_working_set_bytes{${CONTAINER}}`]: '850x20',
        [`container_spec_memory_limit_bytes{${CONTAINER}}`]: '1000x20',
        // no limit at all
        'container_memory_working_set_bytes{job="cadvisor",namespace="shop",pod="db-1",container="db"}':
          '950x20',
        'container_spec_memory_limit_bytes{job="cadvisor",namespace="shop",pod="db-1",container="db"}':
          '0x20',
      },
      at: '16m',
    },
  },
];

const use = {
  [`container_cpu_usage_seconds_total{${CONTAINER}}`]: '0+30x20',
  [`container_memory_working_set_bytes{${CONTAINER}}`]: '100x20',
  // the pod's own group counts its containers once more
  'container_cpu_usage_seconds_total{job="cadvisor",namespace="shop",pod="web-1",container=""}': '0+30x20',
  'container_memory_working_set_bytes{job="cadvisor",namespace="shop",pod="web-1",container=""}': '100x20',
};

export const containerRecordings: RecordingCase[] = [
  {
    record: 'namespace:container_cpu_usage_seconds:sum_rate5m',
    given: { series: use, at: '10m' },
    samples: [{ labels: '{namespace="shop"}', value: 0.5 }],
  },
  {
    record: 'namespace:container_memory_working_set_bytes:sum',
    given: { series: use, at: '10m' },
    samples: [{ labels: '{namespace="shop"}', value: 100 }],
  },
];

const KSM = 'job="kube-state-metrics",instance="kube-state-metrics-0"';
const ksm = { job: 'kube-state-metrics', instance: 'kube-state-metrics-0' };

const claim = (kind: 'bytes' | 'inodes', left: string, size: string): Record<string, string> => {
  const labels = 'job="kubelet",instance="n1",node="n1",namespace="shop",persistentvolumeclaim="data-db-0"';
  return kind === 'bytes'
    ? {
        [`kubelet_volume_stats_available_bytes{${labels}}`]: left,
        [`kubelet_volume_stats_capacity_bytes{${labels}}`]: size,
      }
    : {
        [`kubelet_volume_stats_inodes_free{${labels}}`]: left,
        [`kubelet_volume_stats_inodes{${labels}}`]: size,
      };
};

const claimCases = (alert: string, kind: 'bytes' | 'inodes', unit: string): AlertCase[] => {
  const labels = { namespace: 'shop', persistentvolumeclaim: 'data-db-0' };
  return [
    {
      alert,
      severity: 'warning',
      fires: {
        series: claim(kind, '160-0.1x600', '1000x600'),
        at: '8h20m',
        alerts: [
          {
            labels,
            description: `Claim shop/data-db-0 has 11% of its ${unit} left and is full within four days at this pace.`,
          },
        ],
      },
      // little is left, but it stays
      silent: { series: claim(kind, '110-0.01x600', '1000x600'), at: '8h20m' },
    },
    {
      alert,
      severity: 'critical',
      fires: {
        series: claim(kind, '20x20', '1000x20'),
        at: '2m',
        alerts: [{ labels, description: `Claim shop/data-db-0 has 2% of its ${unit} left.` }],
      },
      silent: { series: claim(kind, '40x20', '1000x20'), at: '2m' },
    },
  ];
};

export const volumeCases: AlertCase[] = [
  ...claimCases('KubePersistentVolumeFillingUp', 'bytes', 'space'),
  ...claimCases('KubePersistentVolumeInodesFillingUp', 'inodes', 'inodes'),
  {
    alert: 'KubePersistentVolumeClaimNotBound',
    severity: 'warning',
    fires: {
      series: {
        [`kube_persistentvolumeclaim_status_phase{${KSM},namespace="shop",persistentvolumeclaim="data-db-0",phase="Pending"}`]:
          '1x20',
        [`kube_persistentvolumeclaim_status_phase{${KSM},namespace="shop",persistentvolumeclaim="data-db-0",phase="Bound"}`]:
          '0x20',
      },
      at: '16m',
      alerts: [
        {
          labels: { ...ksm, namespace: 'shop', persistentvolumeclaim: 'data-db-0', phase: 'Pending' },
          description: 'Claim shop/data-db-0 has been Pending for 15 minutes.',
        },
      ],
    },
    silent: {
      series: {
        [`kube_persistentvolumeclaim_status_phase{${KSM},namespace="shop",persistentvolumeclaim="data-db-0",phase="Pending"}`]:
          '1x10 0x10',
        [`kube_persistentvolumeclaim_status_phase{${KSM},namespace="shop",persistentvolumeclaim="data-db-0",phase="Bound"}`]:
          '0x10 1x10',
      },
      at: '16m',
    },
  },
  {
    alert: 'KubePersistentVolumeFailed',
    severity: 'critical',
    fires: {
      series: {
        [`kube_persistentvolume_status_phase{${KSM},persistentvolume="pv-1",phase="Failed"}`]: '1x20',
      },
      at: '6m',
      alerts: [
        {
          labels: { ...ksm, persistentvolume: 'pv-1', phase: 'Failed' },
          description: 'Volume pv-1 is in the phase Failed.',
        },
      ],
    },
    silent: {
      series: {
        [`kube_persistentvolume_status_phase{${KSM},persistentvolume="pv-1",phase="Failed"}`]: '0x20',
        [`kube_persistentvolume_status_phase{${KSM},persistentvolume="pv-1",phase="Released"}`]: '1x20',
      },
      at: '6m',
    },
  },
];
