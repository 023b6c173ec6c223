import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import execa from 'execa';
import { withLock } from './lock';
import { ROOT } from './paths';
import { findOnPath } from './provider/official';
import { offeredBinary } from './tools';

/** Paths of the programs of a node that are not built here. */
export interface NodePrograms {
  etcd: string;
  containerd: string;
  ctr: string;
  runc: string;
  nft: string;
  /** Folder of the CNI plugins. */
  cniPlugins: string;
  /** Folders for the `PATH` of the daemons: containerd looks for its shim there, kube-proxy for `nft`. */
  path: string[];
}

export interface NodeProgramOptions {
  /** Told what is downloaded. */
  onProgress?: (message: string) => void;
  signal?: AbortSignal;
}

/** Debian's package by program. */
const PACKAGES = {
  etcd: 'etcd-server',
  containerd: 'containerd',
  'containerd-shim-runc-v2': 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  nft: 'nftables',
};
type Program = keyof typeof PACKAGES;
const PROGRAMS = Object.keys(PACKAGES) as Program[];

const CNI_PACKAGE = 'containernetworking-plugins';
const CNI_PLUGINS = ['bridge', 'host-local', 'loopback', 'ptp'];
const CNI_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];

/** Folder of the unpacked packages: `root` as on a machine, `bin` with what is started from it. */
const DEBIAN = join(ROOT, '.observatory/debian');
const BIN = join(DEBIAN, 'bin');

/**
 * Path of a program of the node: the user's own in `$OBSERVATORY_BINARIES`, else on the `PATH`, else from the
 * unpacked packages; undefined where it is not there yet.
 */
export function installedProgram(name: Program): string | undefined {
  const unpacked = join(BIN, name);
  return offeredBinary(name) ?? findOnPath(name) ?? (existsSync(unpacked) ? unpacked : undefined);
}

function installedCniPlugins(): string | undefined {
  const folders = [...CNI_FOLDERS, ...CNI_FOLDERS.map((folder) => join(DEBIAN, 'root', folder))];
  return folders.find((folder) => CNI_PLUGINS.every((plugin) => existsSync(join(folder, plugin))));
}

const missing = () => [
  ...PROGRAMS.filter((name) => !installedProgram(name)),
  ...(installedCniPlugins() ? [] : ['CNI plugins']),
];

/**
 * The programs of a node. Those that the machine lacks are taken from Debian's packages, which are unpacked below
 * `.observatory` with the libraries that they need: nothing is installed.
 * @throws when a program is missing and there is no apt, or a package cannot be downloaded
 */
export async function ensureNodePrograms({
  onProgress = () => {},
  signal,
}: NodeProgramOptions = {}): Promise<NodePrograms> {
  if (missing().length > 0) {
    if (!findOnPath('apt-get') || !findOnPath('dpkg-deb')) {
      throw new Error(
        `the machine lacks ${missing().join(', ')}, and without apt they cannot be fetched: install etcd, containerd, ` +
          'runc, nftables and the CNI plugins with the package manager of your distribution',
      );
    }
    mkdirSync(dirname(DEBIAN), { recursive: true });
    await withLock(`${DEBIAN}.lock`, () => unpackMissing(onProgress, signal), { onProgress, signal });
  }
  const [etcd, containerd, ctr, runc, nft] = (['etcd', 'containerd', 'ctr', 'runc', 'nft'] as const).map(
    (name) => installedProgram(name)!,
  ) as [string, string, string, string, string];
  const shim = installedProgram('containerd-shim-runc-v2')!;
  const path = [...new Set([etcd, containerd, shim, runc, nft].map((program) => dirname(program)))];
  return { etcd, containerd, ctr, runc, nft, cniPlugins: installedCniPlugins()!, path };
}

async function unpackMissing(onProgress: (message: string) => void, signal?: AbortSignal): Promise<void> {
  const lacking = missing();
  if (lacking.length === 0) return; // another process was faster
  // Everything that the machine itself lacks, since the new folder takes the place of the old one.
  const needed = PROGRAMS.filter((name) => !offeredBinary(name) && !findOnPath(name));
  const packages = [...new Set([...needed.map((name) => PACKAGES[name]), CNI_PACKAGE])];
  onProgress(`downloading ${packages.join(', ')} from Debian's archive (nothing is installed)`);
  const folder = mkdtempSync(`${DEBIAN}-`);
  try {
    const files = await download(packages, join(folder, 'archives'), onProgress, signal);
    for (const file of files) await execa('dpkg-deb', ['--extract', file, join(folder, 'root')]);
    rmSync(join(folder, 'archives'), { recursive: true });
    // Wrappers name their final place, so they are made after the move.
    rmSync(DEBIAN, { recursive: true, force: true });
    renameSync(folder, DEBIAN);
    mkdirSync(BIN);
    for (const name of needed) await expose(name);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const still = missing();
  if (still.length > 0)
    throw new Error(`the packages ${packages.join(', ')} do not hold ${still.join(', ')}`);
}

/** Downloads packages with those of their dependencies that the machine lacks; returns the files. */
async function download(
  packages: string[],
  archives: string,
  onProgress: (message: string) => void,
  signal?: AbortSignal,
): Promise<string[]> {
  mkdirSync(join(archives, 'partial'), { recursive: true });
  const options = (values: Record<string, string | number>) =>
    Object.entries(values).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const run = async (args: string[]) => {
    const apt = execa('apt-get', args, {
      env: { LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
      stdin: 'ignore',
    });
    const cancel = () => apt.kill('SIGINT');
    signal?.addEventListener('abort', cancel);
    await apt.finally(() => signal?.removeEventListener('abort', cancel));
  };
  const install = ['install', '--yes', '--no-install-recommends', '--download-only', ...packages];
  // Nothing is installed, so another apt at work need not be waited for.
  const own = options({ 'Dir::Cache::archives': archives, 'Debug::NoLocking': 1 });
  try {
    await run([...install, ...own]);
  } catch {
    signal?.throwIfAborted();
    onProgress("reading Debian's list of packages");
    // Lists of our own: the machine's may be absent or old.
    const lists = options({
      'Dir::State::lists': join(archives, 'lists'),
      'Dir::Cache::pkgcache': '',
      'Dir::Cache::srcpkgcache': '',
    });
    mkdirSync(join(archives, 'lists/partial'), { recursive: true });
    try {
      await run(['update', ...own, ...lists]);
      await run([...install, ...own, ...lists]);
    } catch (error) {
      signal?.throwIfAborted();
      throw new Error(
        `apt cannot download ${packages.join(', ')}: ${(error as execa.ExecaError).stderr}\n` +
          'Make the package archive reachable, or install them on the machine.',
        { cause: error },
      );
    }
  }
  return readdirSync(archives)
    .filter((file) => file.endsWith('.deb'))
    .map((file) => join(archives, file));
}

/** Puts a program into the folder of those that are started, with its libraries where the machine lacks them. */
async function expose(name: Program): Promise<void> {
  const root = join(DEBIAN, 'root');
  const program = ['usr/bin', 'usr/sbin', 'sbin', 'bin']
    .map((folder) => join(root, folder, name))
    .find(existsSync);
  if (!program) return;
  const { stdout } = await execa('ldd', [program], { reject: false });
  if (!stdout.includes('not found')) return symlinkSync(program, join(BIN, name));
  const libraries = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => /\.so(\.|$)/.test(entry.name))
    .map((entry) => entry.parentPath);
  const path = [...new Set(libraries)].join(':');
  writeFileSync(join(BIN, name), `#!/bin/sh\nLD_LIBRARY_PATH='${path}' exec '${program}' "$@"\n`);
  chmodSync(join(BIN, name), 0o755);
}
