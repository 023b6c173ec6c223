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
import { type Binary, isBinary, type Tool, type ToolName, TOOLS, toolOf } from './tools/table';

export { type Binary, isBinary, toolOf, TOOLS };

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

/** Whether a tool's binaries are there and of the pinned version. */
export function isBuilt(name: ToolName): boolean {
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
