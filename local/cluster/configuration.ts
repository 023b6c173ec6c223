import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { NODE_NAME, pki } from './certificates';
import { writeWhole } from './files';
import { privateFolder } from './namespaces';
import type { Network } from './network';

/** What the files of a cluster's configuration are made from. */
export interface ConfigurationInput {
  /** Folder of the cluster. */
  dir: string;
  network: Network;
  /** Folder of the CNI plugins. */
  cniPlugins: string;
  /** Path of runc. */
  runc: string;
  /** Image of the container that holds a pod's namespaces. */
  pauseImage: string;
  /** Share of API server requests and kubelet operations that are traced, per million. */
  traceSamplingPerMillion: number;
  /** Name servers that pods reach the outside world's names by. */
  nameServers: string[];
}

/** The address that containerd listens on. */
export const containerdAddress = (dir: string) =>
  join(privateFolder(dir, '/run/containerd'), 'containerd.sock');
/** The folder of the pods' log files, `<namespace>_<pod>_<uid>/<container>/<n>.log`. */
export const podLogs = (dir: string) => join(dir, 'pod-logs');
/** The administrator's kubeconfig. */
export const kubeconfigFile = (dir: string) => join(dir, 'kubeconfig');
/** The path of a configuration file. */
export const configFile = (dir: string, name: string) => join(dir, 'config', name);

/** @see https://github.com/containerd/containerd/blob/release/1.6/docs/cri/config.md */
const containerd = ({ dir, cniPlugins, runc, pauseImage }: ConfigurationInput) => `version = 2
root = "${dir}/containerd"
state = "${privateFolder(dir, '/run/containerd')}"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = "${containerdAddress(dir)}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${dir}/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Lowering oom_score_adj needs CAP_SYS_RESOURCE, which root does not have everywhere.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${cniPlugins}"
    conf_dir = "${dir}/config/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      BinaryName = "${runc}"
      Root = "${dir}/run/runc"
`;

/**
 * Point-to-point links, so that every packet between pods is routed: a bridge would need br_netfilter for
 * the way back from a Service.
 * @see https://www.cni.dev/plugins/current/main/ptp/
 */
const cni = ({ dir, network }: ConfigurationInput) => ({
  cniVersion: '0.4.0',
  name: network.id,
  plugins: [
    {
      type: 'ptp',
      ipam: {
        type: 'host-local',
        dataDir: join(dir, 'cni'),
        ranges: [[{ subnet: network.podCidr }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
  ],
});

const tracing = ({ network, traceSamplingPerMillion }: ConfigurationInput) => ({
  endpoint: `${network.collectorAddress}:4317`,
  samplingRatePerMillion: traceSamplingPerMillion,
});

/** @see https://kubernetes.io/docs/reference/config-api/apiserver-config.v1/ */
const apiserverTracing = (input: ConfigurationInput) => ({
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'TracingConfiguration',
  ...tracing(input),
});

/** @see https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
const kubelet = (input: ConfigurationInput) => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: pki(input.dir, 'ca.crt') },
  },
  authorization: { mode: 'Webhook' },
  tlsCertFile: pki(input.dir, 'kubelet-server.crt'),
  tlsPrivateKeyFile: pki(input.dir, 'kubelet-server.key'),
  containerRuntimeEndpoint: `unix://${containerdAddress(input.dir)}`,
  podLogsDir: podLogs(input.dir),
  volumePluginDir: join(input.dir, 'kubelet/volume-plugins'),
  resolvConf: configFile(input.dir, 'resolv.conf'),
  clusterDNS: [input.network.dnsAddress],
  clusterDomain: 'cluster.local',
  cgroupDriver: 'cgroupfs',
  cgroupRoot: `/${input.network.id}`,
  failCgroupV1: false,
  failSwapOn: false,
  enableSystemLogHandler: false,
  makeIPTablesUtilChains: false,
  // Imported images cannot be pulled again, and a machine's disk is fuller than a node's.
  imageGCHighThresholdPercent: 100,
  evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  tracing: tracing(input),
});

/** @see https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/ */
const kubeProxy = ({ dir, network }: ConfigurationInput) => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'nftables',
  clusterCIDR: network.podCidr,
  hostnameOverride: NODE_NAME,
  clientConnection: { kubeconfig: configFile(dir, 'proxy.kubeconfig') },
  metricsBindAddress: `${network.nodeAddress}:10249`,
  // The limits of connection tracking belong to the machine.
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
});

/** A kubeconfig with the certificates in it, for one of the certificates' names. */
function kubeconfig(dir: string, network: Network, certificate: string) {
  const data = (file: string) => readFileSync(pki(dir, file)).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: NODE_NAME,
        cluster: { server: apiServerUrl(network), 'certificate-authority-data': data('ca.crt') },
      },
    ],
    users: [
      {
        name: certificate,
        user: {
          'client-certificate-data': data(`${certificate}.crt`),
          'client-key-data': data(`${certificate}.key`),
        },
      },
    ],
    contexts: [{ name: NODE_NAME, context: { cluster: NODE_NAME, user: certificate } }],
    'current-context': NODE_NAME,
  };
}

/** The URL of the API server. */
export const apiServerUrl = ({ nodeAddress }: Network) => `https://${nodeAddress}:6443`;

/** Every configuration file of the cluster but the kubeconfigs, by its path below `config/`. */
export function configuration(input: ConfigurationInput): Record<string, string> {
  return {
    'containerd.toml': containerd(input),
    'cni/10-observatory.conflist': JSON.stringify(cni(input), null, 2),
    'apiserver-tracing.yaml': stringify(apiserverTracing(input)),
    'kubelet.yaml': stringify(kubelet(input)),
    'kube-proxy.yaml': stringify(kubeProxy(input)),
    'resolv.conf': input.nameServers.map((server) => `nameserver ${server}\n`).join(''),
  };
}

/** Writes every configuration file of the cluster and the kubeconfigs, for root only. */
export function writeConfiguration(input: ConfigurationInput): void {
  const { dir, network } = input;
  // A file that stays the same is left alone: kube-proxy ends when its own is written.
  const write = (file: string, text: string) => {
    if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
    mkdirSync(dirname(file), { recursive: true });
    writeWhole(file, text);
  };
  for (const [name, text] of Object.entries(configuration(input))) write(configFile(dir, name), text);
  const credentials = (name: string) => JSON.stringify(kubeconfig(dir, network, name), null, 2);
  for (const name of ['controller-manager', 'scheduler', 'proxy', 'kubelet']) {
    write(configFile(dir, `${name}.kubeconfig`), credentials(name));
  }
  write(kubeconfigFile(dir), credentials('admin'));
}
