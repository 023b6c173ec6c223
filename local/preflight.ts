import { accessSync, constants, existsSync, readFileSync, readdirSync, statfsSync } from 'node:fs';
import { BlockList } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import execa from 'execa';
import { hasNamespaces } from './cluster/namespaces';
import { type Network, chooseAnother, networkOfCluster } from './cluster/network';

/** Something that would stop a start, and what to do about it. */
export interface Problem {
  problem: string;
  wayOut: string;
}

export interface PreflightOptions {
  /** Absolute path of the folder of the cluster. */
  dir: string;
  /** Whether programs are still to be built, which takes Go and space for its caches. */
  builds: boolean;
}

const GIB = 1024 ** 3;
/** Binaries, images and the volumes of a young platform. */
const FOLDER_GIB = 8;
/** Go's module and build caches after everything was built. */
const GO_CACHES_GIB = 14;
/** The longest path of a Unix socket below the cluster's folder, and what the kernel takes in bytes. */
const LONGEST_SOCKET = 'kubelet/device-plugins/kubelet.sock';
const SOCKET_BYTES = 107;
const PROGRAMS = {
  openssl: 'openssl',
  ip: 'iproute2',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  umount: 'mount',
  flock: 'util-linux',
};
const CONTROLLERS = ['cpu', 'cpuset', 'memory', 'pids'];

/**
 * Everything that would keep the embedded cluster from starting on this machine, all at once and before anything is
 * changed. Empty when all is well.
 */
export async function preflight({ dir, builds }: PreflightOptions): Promise<Problem[]> {
  if (process.platform !== 'linux') {
    const problem = `the embedded cluster needs Linux, and this is ${process.platform}`;
    return [{ problem, wayOut: 'name a cluster of your own: npm start -- --context NAME' }];
  }
  return [
    ...nodeVersion(),
    ...user(),
    ...programs(),
    ...path(dir),
    ...space(dir, FOLDER_GIB),
    ...cgroups(),
    ...(await subnet(dir)),
    ...(await kernel()),
    ...(builds ? await go() : []),
  ];
}

const isOlder = (version: string, than: string) => version.localeCompare(than, 'en', { numeric: true }) < 0;

function nodeVersion(): Problem[] {
  const { engines } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')) as {
    engines: { node: string };
  };
  const needed = engines.node.replace('>=', '');
  if (!isOlder(process.versions.node, needed)) return [];
  return [
    {
      problem: `Node.js is ${process.versions.node}; ${needed} or newer is needed`,
      wayOut: 'update Node.js',
    },
  ];
}

const isRoot = () => process.getuid?.() === 0;

function user(): Problem[] {
  if (isRoot()) return [];
  const problem = `the embedded cluster makes namespaces, mounts and packet filters, and user ${process.getuid?.()} may not`;
  return [
    { problem, wayOut: 'run it as root (sudo), or name a cluster of your own: npm start -- --context NAME' },
  ];
}

const isInstalled = (program: string) =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

function programs(): Problem[] {
  return Object.entries(PROGRAMS)
    .filter(([program]) => !isInstalled(program))
    .map(([program, pkg]) => ({
      problem: `the program ${program} is missing`,
      wayOut: `apt-get install ${pkg}`,
    }));
}

function path(dir: string): Problem[] {
  const socket = join(dir, LONGEST_SOCKET);
  const wayOut = 'move the repository to another folder';
  if (/[^\w./+@-]/.test(dir)) {
    return [{ problem: `${dir} has a character that mount options or arguments cannot carry`, wayOut }];
  }
  if (Buffer.byteLength(socket) <= SOCKET_BYTES) return [];
  return [
    {
      problem: `${socket} is longer than the ${SOCKET_BYTES} bytes that a Unix socket's path may have`,
      wayOut,
    },
  ];
}

function space(folder: string, neededGib: number): Problem[] {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  if (bavail * bsize >= neededGib * GIB) return [];
  const free = ((bavail * bsize) / GIB).toFixed(1);
  return [
    {
      problem: `${folder} needs ${neededGib} GiB of disk and has ${free} GiB`,
      wayOut: 'free some space on that disk',
    },
  ];
}

async function subnet(dir: string): Promise<Problem[]> {
  if (!isRoot()) return [];
  let network: Network;
  try {
    network = networkOfCluster(dir);
  } catch (error) {
    return [{ problem: (error as Error).message, wayOut: 'change or unset OBSERVATORY_SUBNET' }];
  }
  if (!isInstalled('ip')) return [];
  const { stdout } = await execa('ip', ['-json', '-4', 'route', 'show']);
  const own = hasNamespaces(dir) ? network.link : undefined;
  const routes = JSON.parse(stdout) as { dst: string; dev?: string }[];
  return routes
    .filter(({ dst, dev }) => dst !== 'default' && dev !== own && overlaps(network.subnet, dst))
    .map(({ dst, dev }) => ({
      problem: `the cluster's subnet ${network.subnet} overlaps with ${dst}, which this machine routes to ${dev}`,
      wayOut: chooseAnother(network.subnet),
    }));
}

/** Whether two networks in CIDR notation (an address alone counts as /32) have an address in common. */
export function overlaps(one: string, other: string): boolean {
  const parse = (cidr: string) => {
    const [address = '', prefix = '32'] = cidr.split('/');
    return { address, prefix: Number(prefix) };
  };
  const contains = (outer: string, inner: string) => {
    const list = new BlockList();
    list.addSubnet(parse(outer).address, parse(outer).prefix);
    return list.check(parse(inner).address);
  };
  return contains(one, other) || contains(other, one);
}

function cgroups(): Problem[] {
  const root = '/sys/fs/cgroup';
  const unified = join(root, 'cgroup.controllers');
  const present = existsSync(unified) ? readFileSync(unified, 'utf8').split(/\s+/) : readdirSync(root);
  const missing = CONTROLLERS.filter((controller) => !present.includes(controller));
  if (missing.length > 0) {
    const problem = `the cgroup controller ${missing.join(', ')} is not mounted under ${root}`;
    return [{ problem, wayOut: 'boot with cgroups on, or give the container its host’s cgroups' }];
  }
  try {
    accessSync(existsSync(unified) ? root : join(root, 'pids'), constants.W_OK);
    return [];
  } catch (error) {
    if (!isRoot()) return [];
    const problem = `cgroups cannot be made: ${(error as Error).message}`;
    return [{ problem, wayOut: 'mount /sys/fs/cgroup writable (in a container: run it privileged)' }];
  }
}

async function kernel(): Promise<Problem[]> {
  if (!isRoot()) return [];
  const problems: Problem[] = [];
  await execa('modprobe', ['overlay'], { reject: false });
  if (!/\boverlay$/m.test(readFileSync('/proc/filesystems', 'utf8'))) {
    problems.push({ problem: 'the kernel has no overlayfs', wayOut: 'load or build the module "overlay"' });
  }
  // Tried in a namespace of its own, which is gone when the command ends.
  const trial = ['--net', 'ip', 'link', 'add', 'veth0', 'type', 'veth', 'peer', 'name', 'veth1'];
  const { failed, stderr } = await execa('unshare', trial, { reject: false });
  if (failed) {
    problems.push({
      problem: `the kernel refuses a network namespace or a veth pair: ${stderr.trim()}`,
      wayOut: 'load the module "veth"; in a container, run it privileged',
    });
  }
  return problems;
}

async function go(): Promise<Problem[]> {
  const wayOut = 'install Go and have it on the PATH, or offer built programs in OBSERVATORY_BINARIES';
  if (!isInstalled('go')) return [{ problem: 'Go is missing; programs are to be built with it', wayOut }];
  const { version, folder } = newestGo();
  // In the folder of a module, Go fetches the version that the module asks for, unless GOTOOLCHAIN forbids it.
  const options = { cwd: folder, reject: false };
  const { stdout, stderr, failed } = await execa(
    'go',
    ['env', 'GOVERSION', 'GOCACHE', 'GOMODCACHE'],
    options,
  );
  const [found = '', ...caches] = stdout.split('\n');
  if (failed || isOlder(found, `go${version}`)) {
    return [{ problem: `Go ${version} or newer is needed: ${failed ? stderr : `this is ${found}`}`, wayOut }];
  }
  return caches.flatMap((cache) => space(cache, GO_CACHES_GIB));
}

/** The newest Go that any of the tools asks for, and the tool's folder. */
function newestGo(): { version: string; folder: string } {
  const tools = join(__dirname, 'tools');
  const needs = readdirSync(tools)
    .map((tool) => join(tools, tool))
    .filter((folder) => existsSync(join(folder, 'go.mod')))
    .map((folder) => {
      const version = /^go (\S+)$/m.exec(readFileSync(join(folder, 'go.mod'), 'utf8'))?.[1] ?? '0';
      return { version, folder };
    });
  return needs.reduce((newest, next) => (isOlder(newest.version, next.version) ? next : newest));
}
