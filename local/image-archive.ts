import { createHash } from 'node:crypto';
import {
  chmodSync,
  createReadStream,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { rootCertificates } from 'node:tls';
import execa from 'execa';

/** How the official image of a product starts it, so that one made here can take its place. */
export interface Recipe {
  /** Numeric user of the image. */
  user: number;
  /** Path in the image by the binary's usual file name; the first one is the product itself. */
  binaries: Record<string, string>;
  /** Folder in the image for an installation that is more than a binary. */
  home?: string;
  /** Arguments that stand before those of the pod. Default: none. */
  args?: string[];
  env?: Record<string, string>;
}

/** Recipe by component. */
export const RECIPES: Record<string, Recipe> = {
  alertmanager: {
    user: 65534,
    binaries: { alertmanager: '/bin/alertmanager', amtool: '/bin/amtool' },
  },
  collector: { user: 10001, binaries: { 'otelcol-contrib': '/otelcol-contrib' } },
  coredns: { user: 65532, binaries: { coredns: '/coredns' } },
  grafana: {
    user: 472,
    binaries: { grafana: '/usr/share/grafana/bin/grafana' },
    home: '/usr/share/grafana',
    args: [
      'server',
      '--homepath=/usr/share/grafana',
      '--config=/etc/grafana/grafana.ini',
      '--packaging=docker',
      'cfg:default.log.mode=console',
    ],
    env: {
      GF_PATHS_DATA: '/var/lib/grafana',
      GF_PATHS_LOGS: '/var/log/grafana',
      GF_PATHS_PLUGINS: '/var/lib/grafana/plugins',
      GF_PATHS_PROVISIONING: '/etc/grafana/provisioning',
    },
  },
  jaeger: {
    user: 10001,
    binaries: { jaeger: '/cmd/jaeger/jaeger-linux' },
    env: { JAEGER_LISTEN_HOST: '0.0.0.0' },
  },
  'kube-state-metrics': { user: 65534, binaries: { 'kube-state-metrics': '/kube-state-metrics' } },
  loki: { user: 10001, binaries: { loki: '/usr/bin/loki' } },
  'node-exporter': { user: 65534, binaries: { node_exporter: '/bin/node_exporter' } },
  pause: { user: 65535, binaries: { pause: '/pause' } },
  prometheus: { user: 65534, binaries: { prometheus: '/bin/prometheus', promtool: '/bin/promtool' } },
  tempo: { user: 10001, binaries: { tempo: '/tempo' } },
};

const ARCHITECTURES: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Lays out a docker-archive (`manifest.json`, `config.json`, `layer.tar`) in an empty folder. The same files give
 * the same bytes.
 *
 * @param sources binary or, for a recipe with a home, folder of an installation, by file name of the binary
 * @throws when a shared library of a binary is missing on this machine
 * @see https://github.com/moby/docker-image-spec
 */
export async function layOutArchive(
  folder: string,
  reference: string,
  recipe: Recipe,
  sources: Record<string, string>,
): Promise<void> {
  const root = join(folder, 'root');
  const put = async (source: string, path: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    await execa('cp', [
      '--archive',
      '--reflink=auto',
      '--no-target-directory',
      realpathSync(source),
      join(root, path),
    ]);
  };
  for (const [name, path] of Object.entries(recipe.binaries)) {
    const source = sources[name];
    if (!source) continue;
    const isHome = recipe.home && lstatSync(realpathSync(source)).isDirectory();
    await put(source, isHome ? recipe.home! : path);
    for (const library of await librariesOf(join(root, path))) await put(library, library);
  }
  writeSystemFiles(root, recipe.user);

  const layer = join(folder, 'layer.tar');
  const reproducible = [
    '--sort=name',
    '--mtime=@0',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--format=gnu',
  ];
  await execa('tar', [
    '--create',
    '--file',
    layer,
    ...reproducible,
    '--mode=u+rw,a+rX',
    '--directory',
    root,
    '.',
  ]);
  const hash = createHash('sha256');
  await pipeline(createReadStream(layer), hash);

  const [entrypoint] = Object.values(recipe.binaries);
  const env = { PATH: '/usr/bin:/bin', ...recipe.env };
  const config = {
    created: '1970-01-01T00:00:00Z',
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: 'linux',
    config: {
      User: String(recipe.user),
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      Entrypoint: [entrypoint, ...(recipe.args ?? [])],
      WorkingDir: '/',
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${hash.digest('hex')}`] },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const manifest = [{ Config: 'config.json', RepoTags: [reference], Layers: ['layer.tar'] }];
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
}

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

function writeSystemFiles(root: string, user: number): void {
  const users = new Map([
    [0, 'root'],
    [user, 'app'],
    [65534, 'nobody'],
  ]);
  const lines = (line: (name: string, id: number) => string) =>
    [...users].map(([id, name]) => `${line(name, id)}\n`).join('');
  const files = {
    '/etc/passwd': lines((name, id) => `${name}:x:${id}:${id}::/:/sbin/nologin`),
    '/etc/group': lines((name, id) => `${name}:x:${id}:`),
    [CERTIFICATES]: `${rootCertificates.join('\n')}\n`,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, 'tmp'), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
}

/** Paths of the shared libraries that a binary is linked to, its loader among them; none for a static one. */
async function librariesOf(binary: string): Promise<string[]> {
  const { stdout, failed } = await execa('ldd', [binary], { env: { LC_ALL: 'C' }, reject: false });
  return failed ? [] : parseLibraries(stdout, binary);
}

/** Reads the output of `ldd`. @throws when a library is not found */
export function parseLibraries(output: string, binary: string): string[] {
  const lost = [...output.matchAll(/^\s*(\S+) => not found/gm)].map(([, library]) => library);
  if (lost.length > 0)
    throw new Error(`${binary} needs ${lost.join(', ')}, which this machine does not have`);
  return [...output.matchAll(/(?:=>|^)\s*(\/\S+) \(0x/gm)].map(([, path]) => path!);
}

/** Changes whenever a file, or a file of a folder, has been replaced; does not read them. */
export function fingerprint(paths: string[]): string {
  const hash = createHash('sha256');
  const add = (path: string) => {
    const stat = lstatSync(path);
    hash.update(`${path} ${stat.mode} ${stat.size} ${stat.mtimeMs}\n`);
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name));
  };
  for (const path of paths) add(realpathSync(path));
  return hash.digest('hex');
}
