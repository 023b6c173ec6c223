import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import execa from 'execa';
import { writeWhole } from './files';

/**
 * Folders of the machine that kubelet, containerd and CNI use whatever their configuration says. The node sees
 * folders of its own there.
 */
const PRIVATE_FOLDERS = ['/var/lib/kubelet', '/var/lib/cni', '/var/log/containers', '/run/containerd'];
/** The cluster's folder that the node sees at such a path. */
export const privateFolder = (dir: string, path: string) => join(dir, 'run', basename(path));

const createdFolders = (dir: string) => join(dir, 'run/created-folders.json');

/** A file that keeps a namespace of the node alive. */
export const namespaceFile = (dir: string, kind: 'net' | 'mnt') => join(dir, 'run/namespaces', kind);

/** A command that runs in the mount and network namespaces of the node. */
export const inNamespaces = (dir: string, command: string[]) => [
  'nsenter',
  `--mount=${namespaceFile(dir, 'mnt')}`,
  `--net=${namespaceFile(dir, 'net')}`,
  '--',
  ...command,
];

/** Whether the node's namespaces are there, which says that what goes by the cluster's name is this cluster's. */
export const hasNamespaces = (dir: string) => mountsUnder(namespaceFile(dir, 'mnt')).length > 0;

/** Creates the node's namespaces unless they exist: what it mounts and connects is not seen on the machine. */
export async function createNamespaces(dir: string): Promise<void> {
  const [net, mnt] = [namespaceFile(dir, 'net'), namespaceFile(dir, 'mnt')];
  if (hasNamespaces(dir)) return;
  const folder = join(dir, 'run/namespaces');
  mkdirSync(folder, { recursive: true });
  for (const file of [net, mnt]) writeFileSync(file, '');
  // A mount namespace can only be kept on a mount that does not propagate into it.
  await execa('mount', ['--bind', folder, folder]);
  await execa('mount', ['--make-private', folder]);
  await execa('unshare', [`--net=${net}`, 'true']);
  const created = PRIVATE_FOLDERS.filter((path) => mkdirSync(path, { recursive: true }) !== undefined);
  writeWhole(createdFolders(dir), JSON.stringify(created));
  for (const path of PRIVATE_FOLDERS) mkdirSync(privateFolder(dir, path), { recursive: true });
  const mounts = PRIVATE_FOLDERS.map((path) => `mount --bind ${privateFolder(dir, path)} ${path}`);
  // Pods may ask for mounts that propagate; what the machine mounts later is seen by the node, never the reverse.
  const script = ['set -e', 'mount --make-rshared /', ...mounts].join('\n');
  await execa('unshare', [`--mount=${mnt}`, '--propagation', 'slave', 'sh', '-c', script]);
}

/** Lets go of the namespaces, which end with their last process, and of everything else mounted below the folder. */
export async function deleteNamespaces(dir: string): Promise<void> {
  const mounts = mountsUnder(dir).reverse();
  if (mounts.length > 0) await execa('umount', ['--lazy', ...mounts]);
  const left = mountsUnder(dir);
  if (left.length > 0) throw new Error(`still mounted, so nothing is removed: ${left.join(', ')}`);
}

/**
 * Removes the folders that were made on the machine as mount points. Not to be called while another cluster runs:
 * removing a mount point unmounts it in every other namespace.
 */
export function deleteCreatedFolders(dir: string): void {
  if (!existsSync(createdFolders(dir))) return;
  const created = JSON.parse(readFileSync(createdFolders(dir), 'utf8')) as string[];
  for (const path of created) if (existsSync(path) && readdirSync(path).length === 0) rmdirSync(path);
}

/** The mount points at or below a folder, deepest last. */
function mountsUnder(dir: string): string[] {
  const unescape = (path: string) =>
    path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => unescape(line.split(' ')[4] ?? ''))
    .filter((path) => path === dir || path.startsWith(`${dir}/`));
}
