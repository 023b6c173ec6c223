import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import execa from 'execa';
import pLimit from 'p-limit';
import { withLock } from './lock';
import { ROOT } from './paths';

/** A program, or several of one module, that is built from the Go module `local/tools/<name>`. */
export interface Tool {
  /** Release without a leading `v`. */
  version: string;
  /** Minutes of a first build on two cores. */
  minutes: number;
  /** Import path of the main package by file name of the binary. */
  packages: Record<string, string>;
  /** Values for string variables by import path and name, so that the binary knows its version. */
  variables?: Record<string, string>;
}

const prometheusVersion = 'github.com/prometheus/common/version.Version';
const kubernetesVersion = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap(
  (path) => [
    [`${path}.gitVersion`, 'v1.34.4'],
    [`${path}.gitMajor`, '1'],
    [`${path}.gitMinor`, '34'],
    [`${path}.gitTreeState`, 'clean'],
  ],
);

/** Every tool by the name of its folder. */
export const TOOLS = {
  alertmanager: {
    version: '0.31.1',
    minutes: 1,
    packages: {
      alertmanager: 'github.com/prometheus/alertmanager/cmd/alertmanager',
      amtool: 'github.com/prometheus/alertmanager/cmd/amtool',
    },
    variables: { [prometheusVersion]: '0.31.1' },
  },
  coredns: {
    version: '1.15.0',
    minutes: 2,
    packages: { coredns: 'github.com/coredns/coredns' },
  },
  jaeger: {
    version: '2.13.0',
    minutes: 4,
    packages: { jaeger: 'github.com/jaegertracing/jaeger/cmd/jaeger' },
    variables: { 'github.com/jaegertracing/jaeger/internal/version.latestVersion': 'v2.13.0' },
  },
  kubernetes: {
    version: '1.34.4',
    minutes: 8,
    packages: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
      kubelet: 'k8s.io/kubernetes/cmd/kubelet',
    },
    variables: Object.fromEntries(kubernetesVersion),
  },
  loki: {
    version: '3.7.8',
    minutes: 4,
    packages: { loki: 'github.com/grafana/loki/v3/cmd/loki' },
    variables: { 'github.com/grafana/loki/v3/pkg/util/build.Version': '3.7.8' },
  },
  'node-exporter': {
    version: '1.12.1',
    minutes: 1,
    packages: { node_exporter: 'github.com/prometheus/node_exporter' },
    variables: { [prometheusVersion]: '1.12.1' },
  },
  otelcol: {
    version: '0.158.0',
    minutes: 4,
    packages: { 'otelcol-contrib': 'observatory/otelcol-contrib' },
  },
  pause: {
    version: '1',
    minutes: 1,
    packages: { pause: 'observatory/pause' },
  },
  prometheus: {
    version: '3.15.0',
    minutes: 4,
    packages: {
      prometheus: 'github.com/prometheus/prometheus/cmd/prometheus',
      promtool: 'github.com/prometheus/prometheus/cmd/promtool',
    },
    variables: { [prometheusVersion]: '3.15.0' },
  },
  pulumi: {
    version: '3.246.0',
    minutes: 4,
    packages: { pulumi: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi' },
    variables: { 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version': 'v3.246.0' },
  },
  telemetrygen: {
    version: '0.157.0',
    minutes: 1,
    packages: {
      telemetrygen: 'github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen',
    },
  },
} satisfies Record<string, Tool>;

type ToolName = keyof typeof TOOLS;
type Packages<T> = T extends { packages: infer P } ? keyof P : never;
/** File name of a binary that can be built, e.g. `promtool`. */
export type Binary = Packages<(typeof TOOLS)[ToolName]> & string;

export interface ToolOptions {
  /** Told which tool is being built, and every ten seconds what the build is at. */
  onProgress?: (message: string) => void;
  /** Ends a build; nothing half is left. */
  signal?: AbortSignal;
}

/** Folder of the built binaries; two platforms of one checkout share it. */
const BIN = join(ROOT, '.observatory/bin');
const SOURCES = join(__dirname, 'tools');
/** Go compiles on all cores; a second build fills them while the first one downloads or links. */
const limit = pLimit(2);

/**
 * The user's own program of a name, e.g. `tempo`: a file, or the folder of an installation, in the folder that
 * `$OBSERVATORY_BINARIES` names.
 */
export function offeredBinary(name: string): string | undefined {
  const folder = process.env.OBSERVATORY_BINARIES;
  if (!folder) return undefined;
  if (!existsSync(folder))
    throw new Error(`OBSERVATORY_BINARIES: there is no folder ${folder}; make it or unset the variable`);
  const path = join(folder, name);
  return existsSync(path) ? path : undefined;
}

/** Whether a binary of a name can be built. */
export const isBinary = (name: string): name is Binary =>
  Object.values<Tool>(TOOLS).some(({ packages }) => name in packages);

/** The tool that a binary belongs to. */
export function toolOf(binary: Binary): ToolName {
  return (Object.keys(TOOLS) as ToolName[]).find((name) => binary in TOOLS[name].packages)!;
}

/** What the build of a tool depends on, as a hash: its module with the checksums of all others, and its settings. */
export function toolDigest(name: ToolName): string {
  const hash = createHash('sha256').update(JSON.stringify(TOOLS[name]));
  const folder = join(SOURCES, name);
  for (const file of readdirSync(folder).sort())
    hash.update(`\n${file}\n`).update(readFileSync(join(folder, file)));
  return hash.digest('hex');
}

/**
 * Absolute paths of binaries: the user's own in `$OBSERVATORY_BINARIES`, else built from the pinned modules where
 * that has not been done yet. Safe to be called by several processes at once.
 * @throws when Go is missing or too old, or a build fails, with the end of its output
 */
export async function ensureTools<B extends Binary>(
  binaries: readonly B[],
  options: ToolOptions = {},
): Promise<Record<B, string>> {
  const paths = new Map(binaries.map((binary) => [binary, offeredBinary(binary) ?? join(BIN, binary)]));
  const missing = binaries.filter((binary) => !offeredBinary(binary)).map(toolOf);
  await Promise.all([...new Set(missing)].map((name) => ensureBuilt(name, options)));
  return Object.fromEntries(paths) as Record<B, string>;
}

async function ensureBuilt(name: ToolName, options: ToolOptions): Promise<void> {
  if (isBuilt(name)) return;
  await limit(async () => {
    options.signal?.throwIfAborted();
    mkdirSync(BIN, { recursive: true });
    await withLock(
      join(BIN, `.${name}.lock`),
      async () => {
        if (!isBuilt(name)) await build(name, options);
      },
      options,
    );
  });
}

const stampFile = (name: ToolName) => join(BIN, `.${name}.stamp`);

function isBuilt(name: ToolName): boolean {
  const stamp = stampFile(name);
  const binaries = Object.keys(TOOLS[name].packages);
  if (!binaries.every((binary) => existsSync(join(BIN, binary)))) return false;
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === toolDigest(name);
}

async function build(name: ToolName, { onProgress = () => {}, signal }: ToolOptions): Promise<void> {
  const { version, minutes, packages, variables = {} }: Tool = TOOLS[name];
  await checkGo(name);
  onProgress(`building ${name} ${version} from its Go module (about ${minutes} min the first time)`);
  // A killed start leaves its folder behind, and perhaps a compiler that still writes to it.
  const leftovers = readdirSync(BIN).filter((file) => file.startsWith(`.${name}.build-`));
  for (const folder of leftovers) rmSync(join(BIN, folder), { recursive: true, force: true });
  const output = mkdtempSync(join(BIN, `.${name}.build-`));
  const values = Object.entries(variables).map(([variable, value]) => `-X ${variable}=${value}`);
  const ldflags = ['-s', '-w', ...values].join(' ');
  const flags = [
    '-v',
    '-mod=readonly',
    '-trimpath',
    '-buildvcs=false',
    '-ldflags',
    ldflags,
    '-o',
    `${output}/`,
  ];
  try {
    await runGo(name, ['build', ...flags, ...Object.values(packages)], { onProgress, signal });
    rmSync(stampFile(name), { force: true });
    for (const binary of Object.keys(packages)) renameSync(join(output, binary), join(BIN, binary));
    writeFileSync(stampFile(name), toolDigest(name));
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

/** Static binaries whatever the user's own settings for Go are; where modules come from stays the user's choice. */
const goEnvironment = { CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' };

async function runGo(
  name: ToolName,
  args: string[],
  { onProgress, signal }: Required<Pick<ToolOptions, 'onProgress'>> & ToolOptions,
) {
  const { version } = TOOLS[name];
  const go = execa('go', args, {
    cwd: join(SOURCES, name),
    env: goEnvironment,
    stdout: 'ignore',
    buffer: false,
    reject: false,
  });
  const cancel = () => go.kill('SIGINT');
  signal?.addEventListener('abort', cancel);
  let lines: string[] = [];
  createInterface({ input: go.stderr! }).on('line', (line) => {
    lines = [...lines.slice(-14), line];
  });
  const report = setInterval(
    () => onProgress(`building ${name} ${version}: ${lines.at(-1) ?? 'linking'}`),
    10_000,
  );
  try {
    const { failed } = await go;
    signal?.throwIfAborted();
    if (!failed) return;
  } finally {
    clearInterval(report);
    signal?.removeEventListener('abort', cancel);
  }
  throw new Error(
    `${name} ${version} does not build (in ${join(SOURCES, name)}); the end of Go's output:\n${lines.join('\n')}\n` +
      `Modules come from ${(await goVariable(name, 'GOPROXY')) ?? 'GOPROXY'}: it must be reachable, and the disk must have space. ${ownBinaries(name)}`,
  );
}

const ownBinaries = (name: ToolName) =>
  `Or put ${Object.keys(TOOLS[name].packages).join(', ')} into a folder and name it in OBSERVATORY_BINARIES.`;

async function goVariable(name: ToolName, variable: string): Promise<string | undefined> {
  const { stdout, failed } = await execa('go', ['env', variable], {
    cwd: join(SOURCES, name),
    env: goEnvironment,
    reject: false,
  });
  return failed ? undefined : stdout;
}

/** Go itself fetches a newer toolchain where the module asks for it, unless GOTOOLCHAIN forbids that. */
async function checkGo(name: ToolName): Promise<void> {
  const { version }: Tool = TOOLS[name];
  const needed = /^go (\S+)$/m.exec(readFileSync(join(SOURCES, name, 'go.mod'), 'utf8'))?.[1];
  const go = await execa('go', ['version'], { cwd: join(SOURCES, name), env: goEnvironment, reject: false });
  if (!go.failed) return;
  const found = 'code' in go && go.code === 'ENOENT' ? 'there is no `go` on the PATH' : go.stderr.trim();
  throw new Error(
    `${name} ${version} is built from source with Go ${needed} or newer, and ${found}. ` +
      `Install Go and have it on the PATH. ${ownBinaries(name)}`,
  );
}
