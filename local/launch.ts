import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pRetry from 'p-retry';
import { deployed } from '../stacks/platform';
import type { Settings } from '../stacks/schema';
import { type Cluster as EmbeddedCluster, startCluster } from './cluster';
import type { ConfigValue } from './engine/workspace';
import type { ImageResult } from './images';
import { provideImages } from './images';
import { CLUSTER, HOME } from './paths';
import { preflight } from './preflight';
import { Cluster } from './provider/cluster';
import { renderStack, stackConfig } from './rendering';
import { Stores } from './stores';
import { isBuilt } from './tools';
import { type Summary, missing, summarize } from './summary';

/** The stack of the embedded default. */
export const STACK = 'local';

/** Components that a platform can do without, and the setting that leaves them out. */
const OPTIONAL: Record<string, string> = {
  grafana: 'grafana',
  'kube-state-metrics': 'kubeStateMetrics',
  'node-exporter': 'nodeExporter',
  tempo: 'tempo',
};

const CLUSTER_IMAGES = { pause: 'observatory/pause:1', coredns: 'docker.io/coredns/coredns:1.15.0' };

/** HTTP port of each component that a browser can open. */
const USER_INTERFACES = { grafana: 3000, prometheus: 9090, alertmanager: 9093, jaeger: 16686 };

const DATA_MINUTES = 5;

type Progress = (message: string) => void;

/** How to reach a cluster: a context of a kubeconfig, the user's own when no path is given. */
export interface Access {
  kubeconfig?: string;
  context: string;
}

/** Configuration by key. */
export type StackConfig = Record<string, ConfigValue>;

/** Refuses a machine that cannot hold the platform. @throws with every reason and its way out */
export async function checkMachine(): Promise<void> {
  // what is built first and always; the rest follows where no registry can be reached
  const problems = await preflight({ dir: CLUSTER, builds: !isBuilt('kubernetes') });
  if (problems.length > 0)
    throw new Error(problems.map(({ problem, wayOut }) => `${problem}: ${wayOut}`).join('\n'));
}

/** The images that a stack's pods pull, by component. */
async function stackImages(stack: string): Promise<{ component: string; reference: string }[]> {
  const { resources } = await renderStack(stack);
  const pairs = resources
    .flatMap(({ inputs }) => inputs.spec?.template?.spec?.containers ?? [])
    .map(({ name, image }: { name: string; image: string }): [string, string] => [image, name]);
  return [...new Map(pairs)].map(([reference, component]) => ({
    component: component.replace(/^collector-agent$/, 'collector'),
    reference,
  }));
}

/** Starts the embedded cluster with every image that can be had, and tells which cannot. */
export async function startEmbedded(
  onProgress: Progress,
  signal: AbortSignal,
): Promise<{ cluster: EmbeddedCluster; images: ImageResult[] }> {
  const wanted = [
    ...(await stackImages(STACK)),
    ...Object.entries(CLUSTER_IMAGES).map(([component, reference]) => ({ component, reference })),
  ];
  let images: ImageResult[] = [];
  const cluster = await startCluster({
    dir: CLUSTER,
    images: CLUSTER_IMAGES,
    provideImages: async ({ ctr, address }) => {
      images = await provideImages(wanted, { ctr, address, onProgress, signal });
    },
    onProgress,
    signal,
  });
  return { cluster, images };
}

/** What the embedded cluster asks of the configuration, over the stack's own file. */
export function embeddedConfig(cluster: EmbeddedCluster, images: ImageResult[]): StackConfig {
  const unavailable = images.filter(({ source }) => source === 'unavailable');
  const lost = unavailable.filter(({ component }) => !(component in OPTIONAL));
  if (lost.length > 0) {
    throw new Error(
      lost
        .map(({ component, reason }) => `the platform cannot do without ${component}: ${reason}`)
        .join('\n'),
    );
  }
  const off = Object.fromEntries(unavailable.map(({ component }) => [OPTIONAL[component], false]));
  return {
    ...merged({
      components: off,
      collector: { clusterIP: cluster.otlpAddress },
      agent: { podLogs: cluster.podLogs, state: join(HOME, 'agent') },
    }),
    ...clusterConfig(cluster),
  };
}

/** Tells the Kubernetes provider which cluster to use, and sets a generated Grafana password. */
export function clusterConfig({ kubeconfig, context }: Access): StackConfig {
  return {
    ...(kubeconfig && { 'kubernetes:kubeconfig': { value: kubeconfig } }),
    'kubernetes:context': { value: context },
    'observatory:grafanaAdminPassword': { value: readFileSync(passwordFile(), 'utf8'), secret: true },
  };
}

/** File with Grafana's admin password, made once and readable by its owner only. */
export function passwordFile(): string {
  const file = join(HOME, 'grafana-admin-password');
  if (!existsSync(file)) {
    mkdirSync(HOME, { recursive: true });
    writeFileSync(file, randomBytes(18).toString('base64url'), { mode: 0o600 });
  }
  return file;
}

/** Settings laid over those of the stack's file, map by map. */
function merged(settings: Record<string, Record<string, unknown>>): StackConfig {
  const file = stackConfig(STACK);
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      const key = `observatory:${name}`;
      const own = JSON.parse(file[key] ?? '{}') as Record<string, unknown>;
      return [key, { value: { ...own, ...value } }];
    }),
  );
}

/** Waits until all three signals can be read back, or for five minutes, and returns what is there. */
export async function waitForData(
  { kubeconfig, context }: Access,
  namespace: string,
  components: string[],
  onProgress: Progress,
  signal: AbortSignal,
): Promise<Summary> {
  const stores = new Stores(new Cluster(kubeconfig, context), namespace);
  const deadline = Date.now() + DATA_MINUTES * 60_000;
  return pRetry(
    async () => {
      signal.throwIfAborted();
      const summary = await summarize(stores, components);
      const lacking = missing(summary);
      if (lacking.length > 0 && Date.now() < deadline) throw new Error(`waiting for ${lacking.join(', ')}`);
      return summary;
    },
    {
      forever: true,
      factor: 1,
      minTimeout: 3000,
      onFailedAttempt: (error) => {
        if (signal.aborted || Date.now() > deadline) throw error;
        onProgress(error.message);
      },
    },
  );
}

/** Lines that tell where each user interface and the OTLP endpoints are found from this machine. */
export async function whereToLook(access: Access, settings: Settings): Promise<string[]> {
  const { namespace } = settings;
  const names = deployed(settings);
  const shown = Object.entries(USER_INTERFACES).filter(([name]) => names.includes(name));
  if (!access.kubeconfig) {
    return shown.map(
      ([name, port]) =>
        `${name}: kubectl --context ${access.context} -n ${namespace} port-forward svc/${name} ${port}`,
    );
  }
  const cluster = new Cluster(access.kubeconfig, access.context);
  const { items } = await cluster.json<{
    items: { metadata: { name: string }; spec: { clusterIP: string } }[];
  }>('GET', `/api/v1/namespaces/${namespace}/services`);
  const address = (name: string): string | undefined =>
    items.find(({ metadata }) => metadata.name === name)?.spec.clusterIP;
  return [
    ...shown.map(([name, port]) => `${name}: http://${address(name)}:${port}`),
    `OTLP: http://${address('collector')}:4318 (HTTP), http://${address('collector')}:4317 (gRPC)`,
    `kubeconfig: ${access.kubeconfig}`,
  ];
}
