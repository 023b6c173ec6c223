import { APPLICATION_METRICS_PORT, METRICS_PORT } from '../contracts';

/** @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config */
export interface RelabelConfig {
  source_labels?: string[];
  regex?: string;
  target_label?: string;
  replacement?: string;
  action?: 'keep' | 'drop';
}

/** @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config */
export interface ScrapeConfig {
  job_name: string;
  honor_labels?: boolean;
  track_timestamps_staleness?: boolean;
  scheme?: 'https';
  metrics_path?: string;
  authorization?: { credentials_file: string };
  tls_config?: { ca_file: string; server_name?: string };
  kubernetes_sd_configs: { role: 'pod' | 'node' | 'endpointslice'; namespaces?: { names: string[] } }[];
  relabel_configs: RelabelConfig[];
  metric_relabel_configs?: RelabelConfig[];
}

const POD = '__meta_kubernetes_pod';
const SERVICE = '__meta_kubernetes_service';
const NAMESPACE = '__meta_kubernetes_namespace';
const NAME_LABEL = `${POD}_label_app_kubernetes_io_name`;
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

const match = (action: 'keep' | 'drop', regex: string, ...labels: string[]): RelabelConfig => ({
  source_labels: labels,
  regex,
  action,
});

/** Sets a label from others, unless the pattern does not match them. */
const set = (target: string, from: string | string[], regex = '(.+)', replacement = '$1'): RelabelConfig => ({
  source_labels: [from].flat(),
  regex,
  target_label: target,
  replacement,
});

const dropMetrics = (...names: string[]): RelabelConfig => match('drop', names.join('|'), '__name__');

// request histograms have a series per verb, resource and boundary: every third boundary still tells 100 ms from 1 s
const thinBuckets = (histogram: string): RelabelConfig =>
  match(
    'drop',
    `${histogram}_bucket;(0\\.005|0\\.01|0\\.15|0\\.2|0\\.3|0\\.35|0\\.45|0\\.6|0\\.7|0\\.8|0\\.9|1\\.25|1\\.5|1\\.75|2|3|3\\.5|4|4\\.5|6|7|8|9|15|20|40|45|50)(\\.0)?`,
    '__name__',
    'le',
  );

const running = match('drop', 'Pending|Succeeded|Failed', `${POD}_phase`);

/** The platform's own pods: the job is the component's name. */
function platformJobs(namespaces: string[]): ScrapeConfig[] {
  const kubernetes_sd_configs: ScrapeConfig['kubernetes_sd_configs'] = [
    { role: 'pod', namespaces: { names: namespaces } },
  ];
  const instance = set('instance', `${POD}_name`);
  return [
    {
      job_name: 'platform',
      kubernetes_sd_configs,
      relabel_configs: [
        match('keep', METRICS_PORT, `${POD}_container_port_name`),
        match('drop', 'kube-state-metrics', NAME_LABEL),
        running,
        set('job', NAME_LABEL),
        set('namespace', NAMESPACE),
        set('node', `${POD}_node_name`),
        set('pod', `${POD}_name`),
        instance,
        // a DaemonSet's pod is its node's: the next pod of the same node continues the same series
        set('instance', [`${POD}_controller_kind`, `${POD}_node_name`], 'DaemonSet;(.+)'),
        set('pod', `${POD}_controller_kind`, 'DaemonSet', ''),
      ],
    },
    {
      // what it says about a pod or a namespace is not about itself
      job_name: 'kube-state-metrics',
      honor_labels: true,
      kubernetes_sd_configs,
      relabel_configs: [
        match('keep', `kube-state-metrics;${METRICS_PORT}`, NAME_LABEL, `${POD}_container_port_name`),
        running,
        instance,
      ],
    },
    {
      // the applications' metrics as the collector exposes them, with the job and instance of each application
      job_name: APPLICATION_METRICS_PORT,
      honor_labels: true,
      kubernetes_sd_configs,
      relabel_configs: [
        match('keep', APPLICATION_METRICS_PORT, `${POD}_container_port_name`),
        running,
        instance,
      ],
    },
  ];
}

/** The kubelet of every node, its containers, and the API server. */
function clusterJobs(): ScrapeConfig[] {
  const access = {
    scheme: 'https',
    authorization: { credentials_file: `${SERVICE_ACCOUNT}/token` },
    tls_config: { ca_file: `${SERVICE_ACCOUNT}/ca.crt` },
  } as const;
  const node = {
    kubernetes_sd_configs: [{ role: 'node' }],
    relabel_configs: [
      set('node', '__meta_kubernetes_node_name'),
      set('instance', '__meta_kubernetes_node_name'),
    ],
  } satisfies Partial<ScrapeConfig>;
  return [
    {
      job_name: 'kubelet',
      ...access,
      ...node,
      metric_relabel_configs: [
        dropMetrics(
          '(storage_operation|csi_operations|rest_client|workqueue)_.*_bucket',
          'kubelet_(runtime_operations|http_requests|cgroup_manager|pod_worker)_duration_seconds_bucket',
          'apiserver_(audit|envelope|storage)_.*',
          'kubernetes_feature_enabled',
        ),
      ],
    },
    {
      job_name: 'cadvisor',
      ...access,
      ...node,
      metrics_path: '/metrics/cadvisor',
      // samples carry the time of measurement, so their end has to be tracked for them to go stale
      track_timestamps_staleness: true,
      metric_relabel_configs: [
        dropMetrics(
          'container_(tasks_state|memory_failures_total|memory_mapped_file|blkio_device_usage_total)',
          'container_(file_descriptors|sockets|threads_max|ulimits_soft|last_seen|start_time_seconds)',
          'container_(cpu_load_.*|network_(tcp|udp|tcp6|udp6)_usage_total|network_advance_tcp_stats_total)',
          'container_fs_(inodes_.*|io_.*|sector_.*|.*_merged_total|.*_seconds_total)',
        ),
        // groups of the node that are no pod's, but for the whole node
        match('drop', 'container_.*;;/.+', '__name__', 'pod', 'id'),
      ],
    },
    {
      job_name: 'apiserver',
      ...access,
      // the certificate names the Service, not every address that a managed cluster puts behind it
      tls_config: { ...access.tls_config, server_name: 'kubernetes.default.svc' },
      kubernetes_sd_configs: [{ role: 'endpointslice', namespaces: { names: ['default'] } }],
      relabel_configs: [
        match('keep', 'kubernetes;https', `${SERVICE}_name`, '__meta_kubernetes_endpointslice_port_name'),
      ],
      metric_relabel_configs: [
        dropMetrics(
          'apiserver_(request_sl[io]|request_body|request_filter|response_sizes|watch|admission|flowcontrol|storage|cache_list|delegated)(_.*)?_bucket',
          '(etcd|rest_client|workqueue|field_validation|authentication|authorization)_.*_bucket',
          'kubernetes_feature_enabled',
        ),
        thinBuckets('apiserver_request_duration_seconds'),
      ],
    },
  ];
}

/** Steps common to pods and Services with the annotations `prometheus.io/scrape|scheme|path|port`. */
function annotated(kind: string): RelabelConfig[] {
  const annotation = (name: string) => `${kind}_annotation_prometheus_io_${name}`;
  return [
    match('keep', 'true', annotation('scrape')),
    set('__scheme__', annotation('scheme'), '(https?)'),
    set('__metrics_path__', annotation('path')),
    // all ports of a pod become one target here, and equal targets are scraped once
    set('__address__', ['__address__', annotation('port')], '(.+?)(?::\\d+)?;(\\d+)', '$1:$2'),
    set('namespace', NAMESPACE),
    set('pod', `${POD}_name`),
    set('node', `${POD}_node_name`),
  ];
}

/** Applications that ask to be scraped. The job is `<namespace>/<name>`, so that none takes a component's. */
function annotatedJobs(): ScrapeConfig[] {
  return [
    {
      job_name: 'annotated-pods',
      kubernetes_sd_configs: [{ role: 'pod' }],
      relabel_configs: [
        ...annotated(POD),
        running,
        match('drop', 'true', `${POD}_container_init`),
        set('job', [NAMESPACE, `${POD}_name`], '(.+);(.+)', '$1/$2'),
        set('job', [NAMESPACE, `${POD}_controller_name`], '(.+);(.+)', '$1/$2'),
        // a Deployment's ReplicaSet is named after it, with a hash
        set(
          'job',
          [NAMESPACE, `${POD}_controller_kind`, `${POD}_controller_name`],
          '(.+);ReplicaSet;(.+)-[a-z0-9]+',
          '$1/$2',
        ),
        set('job', [NAMESPACE, NAME_LABEL], '(.+);(.+)', '$1/$2'),
      ],
    },
    {
      job_name: 'annotated-services',
      kubernetes_sd_configs: [{ role: 'endpointslice' }],
      relabel_configs: [
        ...annotated(SERVICE),
        set('job', [NAMESPACE, `${SERVICE}_name`], '(.+);(.+)', '$1/$2'),
      ],
    },
  ];
}

/**
 * Everything that Prometheus scrapes, found through the Kubernetes API.
 *
 * @param namespaces where the platform's own pods run
 * @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/#kubernetes_sd_config
 */
export function scrapeConfigs(namespaces: string[]): ScrapeConfig[] {
  return [...platformJobs(namespaces), ...clusterJobs(), ...annotatedJobs()];
}
