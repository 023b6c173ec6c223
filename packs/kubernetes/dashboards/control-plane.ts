import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Dashboard } from '../../../components/contracts';
import { dashboard, type Row } from '../../dashboard';
import { promql, promqlNow, stat, timeseries } from '../../panels';

const API = 'job="apiserver"';
const KUBELET = 'job="kubelet", node=~"$node"';

const apiNow: Row = {
  title: 'API server',
  panels: [
    stat({
      title: 'API servers',
      description:
        'API servers that answer Prometheus. Without one nothing is scheduled, restarted or scaled.',
      query: promqlNow(`sum(up{${API}})`),
      thresholds: { warning: 1, critical: 0.5 },
      noValue: '0',
    }),
    stat({
      title: 'Requests',
      description: 'Requests per second.',
      unit: units.RequestsPerSecond,
      query: promqlNow(`sum(rate(apiserver_request_total{${API}}[5m]))`),
    }),
    stat({
      title: 'Server errors',
      description: 'Share of requests that ended in a server error.',
      unit: units.PercentUnit,
      decimals: 2,
      query: promqlNow(
        `(sum(rate(apiserver_request_total{${API}, code=~"5.."}[5m])) or vector(0)) / sum(rate(apiserver_request_total{${API}}[5m]))`,
      ),
      thresholds: { warning: 0.001, critical: 0.01 },
    }),
    stat({
      title: 'In flight',
      description: 'Requests being answered now; readers wait behind writers when it nears its limit (600).',
      query: promqlNow(`sum(apiserver_current_inflight_requests{${API}})`),
      thresholds: { warning: 300, critical: 500 },
    }),
    stat({
      title: 'First client certificate ends in',
      description:
        'Shortest rest of a client certificate seen in the last hour. When it ends, that client is locked out.',
      unit: units.Seconds,
      query: promqlNow(
        `histogram_quantile(0.01, sum by (le) (rate(apiserver_client_certificate_expiration_seconds_bucket{${API}}[1h])))`,
      ),
      thresholds: { warning: 2592000, critical: 604800 },
      noValue: 'none seen',
    }),
    stat({
      title: 'Memory',
      description:
        'Resident memory of the largest API server. It grows with the number of objects and watches.',
      unit: units.BytesIEC,
      query: promqlNow(`max(process_resident_memory_bytes{${API}})`),
    }),
  ],
};

const api: Row = {
  title: 'Requests and storage',
  panels: [
    timeseries({
      title: 'Requests by code',
      description:
        '429: clients are held back; 5xx: the server or etcd; 409 in numbers: controllers fight over an object.',
      unit: units.RequestsPerSecond,
      queries: [
        promql(`sum by (code) (rate(apiserver_request_total{${API}}[$__rate_interval]))`, '{{code}}'),
      ],
    }),
    timeseries({
      title: 'Duration by verb (p99)',
      description:
        'Without watches, which are meant to last. LIST is slow in a large cluster; slow writes point to etcd.',
      unit: units.Seconds,
      min: 0,
      thresholds: { warning: 1, critical: 5 },
      queries: [
        promql(
          `histogram_quantile(0.99, sum by (le, verb) (rate(apiserver_request_duration_seconds_bucket{${API}, verb!~"WATCH|CONNECT"}[$__rate_interval])))`,
          '{{verb}}',
        ),
      ],
    }),
    timeseries({
      title: 'Storage round trip (mean)',
      description: 'How long etcd takes by operation. Above 100 ms the disk under etcd is slow.',
      unit: units.Seconds,
      min: 0,
      thresholds: { warning: 0.1, critical: 0.5 },
      queries: [
        promql(
          `sum by (operation) (rate(etcd_request_duration_seconds_sum{${API}}[$__rate_interval])) / sum by (operation) (rate(etcd_request_duration_seconds_count{${API}}[$__rate_interval]))`,
          '{{operation}}',
        ),
      ],
    }),
    timeseries({
      title: 'Objects by kind',
      description: 'The ten kinds with most objects. One that only grows is not cleaned up.',
      unit: units.Short,
      min: 0,
      queries: [promql(`topk(10, max by (resource) (apiserver_storage_objects{${API}}))`, '{{resource}}')],
    }),
    timeseries({
      title: 'Busiest clients by kind',
      description: 'Requests by kind and verb. A controller in a loop shows here.',
      unit: units.RequestsPerSecond,
      queries: [
        promql(
          `topk(10, sum by (resource, verb) (rate(apiserver_request_total{${API}}[$__rate_interval])))`,
          '{{verb}} {{resource}}',
        ),
      ],
    }),
    timeseries({
      title: 'Rejected by admission or flow control',
      description: 'Requests that flow control turned away, by level and reason.',
      unit: units.RequestsPerSecond,
      queries: [
        promql(
          `sum by (priority_level, reason) (rate(apiserver_flowcontrol_rejected_requests_total{${API}}[$__rate_interval]))`,
          '{{priority_level}} {{reason}}',
        ),
      ],
      noValue: 'none',
    }),
  ],
};

const kubelet: Row = {
  title: 'Kubelet',
  panels: [
    timeseries({
      title: 'Pods and containers',
      description: 'Pods and containers that run on each node.',
      unit: units.Short,
      min: 0,
      queries: [
        promql(`sum by (node) (kubelet_running_pods{${KUBELET}})`, '{{node}} pods'),
        promql(
          `sum by (node) (kubelet_running_containers{${KUBELET}, container_state="running"})`,
          '{{node}} containers',
        ),
      ],
    }),
    timeseries({
      title: 'Pod start (p95)',
      description: 'From the moment a pod is seen until its containers run, without pulling images.',
      unit: units.Seconds,
      min: 0,
      thresholds: { warning: 30, critical: 60 },
      queries: [
        promql(
          `histogram_quantile(0.95, sum by (le, node) (rate(kubelet_pod_start_sli_duration_seconds_bucket{${KUBELET}}[$__rate_interval])))`,
          '{{node}}',
        ),
      ],
      noValue: 'no pod started',
    }),
    timeseries({
      title: 'Relist of containers (p99)',
      description:
        'How long the kubelet takes to see what the runtime does. Above seconds the runtime hangs and the node turns NotReady.',
      unit: units.Seconds,
      min: 0,
      thresholds: { warning: 1, critical: 5 },
      queries: [
        promql(
          `histogram_quantile(0.99, sum by (le, node) (rate(kubelet_pleg_relist_duration_seconds_bucket{${KUBELET}}[$__rate_interval])))`,
          '{{node}}',
        ),
      ],
    }),
    timeseries({
      title: 'Errors of the container runtime',
      description: 'Failed operations by kind, such as pulling an image or making a container.',
      unit: units.OpsPerSecond,
      queries: [
        promql(
          `sum by (node, operation_type) (rate(kubelet_runtime_operations_errors_total{${KUBELET}}[$__rate_interval])) > 0`,
          '{{node}} {{operation_type}}',
        ),
      ],
      noValue: 'none',
    }),
    timeseries({
      title: 'Failed volume operations',
      description: 'Mounts and attachments that failed: the pods that need them do not start.',
      unit: units.OpsPerSecond,
      queries: [
        promql(
          `sum by (node, operation_name) (rate(storage_operation_duration_seconds_count{${KUBELET}, status!="success"}[$__rate_interval])) > 0`,
          '{{node}} {{operation_name}}',
        ),
      ],
      noValue: 'none',
    }),
    timeseries({
      title: 'Evictions',
      description: 'Pods that the kubelet ended because the node ran short.',
      unit: units.Short,
      queries: [
        promql(
          `sum by (node, eviction_signal) (increase(kubelet_evictions{${KUBELET}}[$__rate_interval])) > 0`,
          '{{node}} {{eviction_signal}}',
        ),
      ],
      noValue: 'none',
    }),
  ],
};

/** The API server and the kubelets. */
export function controlPlaneDashboard(): Dashboard {
  return dashboard({
    uid: 'kubernetes-control-plane',
    title: 'API server and kubelet',
    description: 'Whether the API server answers in time, and whether kubelets do what they are told.',
    tag: 'kubernetes',
    variables: [{ name: 'node', label: 'Node', query: 'label_values(kubelet_running_pods, node)' }],
    rows: [apiNow, api, kubelet],
  });
}
