import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installedProgram } from '../debian';
import { Cluster as Api } from '../provider/cluster';
import { Objects } from '../provider/objects';
import { type ClusterBinaries, clusterBinaries } from './binaries';
import { NODE_NAME, ensureCertificates } from './certificates';
import { createCgroup, deleteCgroup, hasClusters, processesOf } from './cgroup';
import { containerdAnswers, nodeIsReady } from './checks';
import {
  apiServerUrl,
  containerdAddress,
  kubeconfigFile,
  podLogs,
  writeConfiguration,
} from './configuration';
import { DAEMONS, type DaemonName, daemonArguments } from './daemons';
import { changeKernelSettings, restoreKernelSettings } from './kernel';
import { dns, storage, volumeFolders } from './manifests';
import { createNamespaces, deleteCreatedFolders, deleteNamespaces, hasNamespaces } from './namespaces';
import {
  type Network,
  createNetwork,
  deleteNetwork,
  networkOfCluster,
  refuseForeign,
  rememberNetwork,
  rememberedNetwork,
  upstreamNameServers,
} from './network';
import {
  catchesTermination,
  describeDaemon,
  logFile,
  runningProcess,
  startDaemon,
  stopDaemon,
  terminate,
} from './processes';
import { GiveUp, tailOf, waitFor } from './wait';

/** How to reach containerd's images and containers. */
export interface Containerd {
  /** Path of the `ctr` client. */
  ctr: string;
  /** Socket that containerd listens on. */
  address: string;
  /** containerd's namespace that the kubelet uses. */
  namespace: 'k8s.io';
}

export interface ClusterOptions {
  /** Absolute path of the folder that holds everything of the cluster. */
  dir: string;
  /** Images of the cluster's own containers; `provideImages` must make them available. */
  images: { pause: string; coredns: string };
  /** Called whenever containerd answers, before the first pod starts; must be quick when nothing is to do. */
  provideImages: (containerd: Containerd) => Promise<void>;
  /** Share of API server requests and kubelet operations that are traced, per million. Default 100,000 (10 %). */
  traceSamplingPerMillion?: number;
  /** Told what is being waited for. */
  onProgress?: (message: string) => void;
  /** Stops what this call has started. */
  signal?: AbortSignal;
}

/** A running single-node cluster. */
export interface Cluster {
  /** Path of the administrator's kubeconfig. */
  kubeconfig: string;
  /** Name of the context in it. */
  context: string;
  apiServer: string;
  containerd: Containerd;
  /** Address that API server and kubelet send their traces to (OTLP gRPC): the ClusterIP for the collector. */
  otlpAddress: string;
  /** Folder of the pods' log files on the machine. */
  podLogs: string;
  /** Process ids by daemon. */
  pids: Record<DaemonName, number>;
}

/** State of a cluster, for people. */
export interface ClusterStatus {
  /** Process ids by daemon; undefined for one that does not run. */
  daemons: Record<DaemonName, number | undefined>;
  /** The API server answers and the node is ready. */
  ready: boolean;
}

/** A machine that builds programs at the same time needs minutes. */
const START_SECONDS = 300;
const FIELD_MANAGER = 'observatory-cluster';
const TRACES_PER_MILLION = 100_000;
/** How long a pod may take to end, Kubernetes' own default. */
const POD_SECONDS = 30;
/** The controller manager, too, gives a node up after this time. */
const LEASE_SECONDS = 40;

/**
 * Starts a single-node Kubernetes, or what is missing of it: etcd, containerd, the control plane, kube-proxy and
 * the kubelet, in a network namespace and a cgroup of their own, with DNS and a default StorageClass.
 * @throws when a daemon ends or is not ready within five minutes, with the end of its log; what this call started
 *   is stopped again
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { dir, signal, onProgress = () => {} } = options;
  const network = networkOfCluster(dir);
  const binaries = await clusterBinaries({ onProgress, signal });
  const fresh = DAEMONS.every((name) => !runningProcess(dir, name));
  // After a crash or a reboot: mounts, namespaces and pods of the last run would be in the way.
  if (fresh) await stopCluster(dir);
  const started: DaemonName[] = [];
  try {
    return await start(options, network, binaries, started, onProgress);
  } catch (error) {
    onProgress('stopping what was started');
    if (fresh) await stopCluster(dir);
    else for (const name of started.reverse()) await stopDaemon(dir, name);
    throw error;
  }
}

async function start(
  options: ClusterOptions,
  network: Network,
  binaries: ClusterBinaries,
  started: DaemonName[],
  onProgress: (message: string) => void,
): Promise<Cluster> {
  const { dir, images, signal } = options;
  if (!hasNamespaces(dir)) refuseForeign(network);
  const nameServers = upstreamNameServers();
  const folders = [join(dir, 'run'), join(dir, 'logs'), ...volumeFolders(dir)];
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  rememberNetwork(dir, network);
  await ensureCertificates(dir, network);
  writeConfiguration({
    dir,
    network,
    cniPlugins: binaries.cniPlugins,
    runc: binaries.runc,
    pauseImage: images.pause,
    traceSamplingPerMillion: options.traceSamplingPerMillion ?? TRACES_PER_MILLION,
    nameServers,
  });
  await createNamespaces(dir);
  changeKernelSettings(dir);
  createCgroup(network.id);
  await createNetwork(dir, network, binaries.nft);

  const daemonArgs = daemonArguments(dir, network);
  const run = async (...names: DaemonName[]) => {
    for (const name of names) {
      const daemon = describeDaemon(name, [binaries[name], ...daemonArgs[name]], binaries.path);
      const running = runningProcess(dir, name);
      if (running?.digest === daemon.digest) continue;
      signal?.throwIfAborted();
      if (running) await stopDaemon(dir, name);
      started.push(name);
      startDaemon(dir, network.id, daemon);
    }
  };
  const ready = (what: string, log: DaemonName, check: () => Promise<unknown>) => {
    onProgress(`waiting for ${what}`);
    const alive = async () => {
      for (const name of started) {
        if (runningProcess(dir, name)) continue;
        throw new GiveUp(`${name} ended; the end of ${logFile(dir, name)}:\n${tailOf(logFile(dir, name))}`);
      }
      await check();
    };
    return waitFor(what, alive, { timeoutSeconds: START_SECONDS, signal, log: logFile(dir, log) });
  };

  const containerd: Containerd = { ctr: binaries.ctr, address: containerdAddress(dir), namespace: 'k8s.io' };
  await run('containerd');
  await ready('containerd', 'containerd', () => containerdAnswers(containerd));
  onProgress('waiting for the images');
  await options.provideImages(containerd);

  const api = new Api(kubeconfigFile(dir));
  await run('etcd', 'kube-apiserver');
  await ready('the API server', 'kube-apiserver', () => api.text('GET', '/readyz'));
  await run('kube-controller-manager', 'kube-scheduler', 'kube-proxy');
  const objects = new Objects(api, 'default');
  const manifests = [...storage(dir), ...dns(images.coredns, network.dnsAddress, nameServers)];
  await Promise.all(manifests.map((manifest) => objects.apply(manifest, FIELD_MANAGER, { dryRun: false })));
  const now = Date.now();
  await run('kubelet');
  const since = started.includes('kubelet') ? now : now - LEASE_SECONDS * 1000;
  await ready('the node', 'kubelet', () => nodeIsReady(api, since));
  return {
    kubeconfig: kubeconfigFile(dir),
    context: NODE_NAME,
    apiServer: apiServerUrl(network),
    containerd,
    otlpAddress: network.collectorAddress,
    podLogs: podLogs(dir),
    pids: mapDaemons((name) => runningProcess(dir, name)!.pid),
  };
}

/**
 * Ends the pods, then the cluster's processes, and gives the machine back what the running cluster changed:
 * mounts, interfaces, packet filter, cgroups, kernel settings. The data stays. Does nothing when there is no cluster.
 */
export async function stopCluster(
  dir: string,
  onProgress: (message: string) => void = () => {},
): Promise<void> {
  const network = rememberedNetwork(dir);
  if (network && hasNamespaces(dir)) await stopRunning(dir, network, onProgress);
  await deleteNamespaces(dir);
  if (!hasClusters()) deleteCreatedFolders(dir);
  rmSync(join(dir, 'run'), { recursive: true, force: true });
}

async function stopRunning(dir: string, network: Network, onProgress: (message: string) => void) {
  await stopDaemon(dir, 'kubelet');
  onProgress('waiting for the pods to end');
  await terminate(() => processesOf(network.id, 'pods').filter(catchesTermination), POD_SECONDS);
  for (const name of [...DAEMONS].reverse()) {
    onProgress(`waiting for ${name} to end`);
    await stopDaemon(dir, name);
  }
  await terminate(() => processesOf(network.id, 'all'), 0);
  await deleteNetwork(network, installedProgram('nft'));
  deleteCgroup(network.id);
  restoreKernelSettings(dir);
}

/** Stops the cluster and removes its folder with all data. */
export async function cleanCluster(dir: string, onProgress?: (message: string) => void): Promise<void> {
  await stopCluster(dir, onProgress);
  rmSync(dir, { recursive: true, force: true });
}

/** Says what runs of a cluster. */
export async function clusterStatus(dir: string): Promise<ClusterStatus> {
  const daemons = mapDaemons((name) => runningProcess(dir, name)?.pid);
  const answers = () => nodeIsReady(new Api(kubeconfigFile(dir)), Date.now() - LEASE_SECONDS * 1000);
  const ready =
    daemons['kube-apiserver'] !== undefined &&
    (await answers().then(
      () => true,
      () => false,
    ));
  return { daemons, ready };
}

const mapDaemons = <T>(value: (name: DaemonName) => T) =>
  Object.fromEntries(DAEMONS.map((name) => [name, value(name)])) as Record<DaemonName, T>;
