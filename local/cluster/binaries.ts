import { type NodePrograms, ensureNodePrograms } from '../debian';
import { type ToolOptions, ensureTools } from '../tools';

const KUBERNETES = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
] as const;

/** Paths of every program that a node consists of. */
export type ClusterBinaries = NodePrograms & Record<(typeof KUBERNETES)[number], string>;

/** Fetches or builds the programs that are not there yet. */
export async function clusterBinaries(options: ToolOptions): Promise<ClusterBinaries> {
  const [programs, kubernetes] = await Promise.all([
    ensureNodePrograms(options),
    ensureTools(KUBERNETES, options),
  ]);
  return { ...programs, ...kubernetes };
}
