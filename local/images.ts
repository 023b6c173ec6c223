import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import execa from 'execa';
import pLimit from 'p-limit';
import { fingerprint, layOutArchive, RECIPES, type Recipe } from './image-archive';
import { HOME } from './paths';
import { type Binary, ensureTools, isBinary, offeredBinary, toolDigest, toolOf } from './tools';

/** An image that pods ask for. */
export interface WantedImage {
  /** The product in it, e.g. `loki`. */
  component: string;
  /** As it stands in the pod, e.g. `docker.io/grafana/loki:3.7.8`. */
  reference: string;
}

export interface ImageResult extends WantedImage {
  /** Where it comes from: the user's binary, containerd has it already, a registry, built from source, nowhere. */
  source: 'binary' | 'present' | 'pulled' | 'built' | 'unavailable';
  /** Why it is not available. */
  reason?: string;
}

export interface ImageOptions {
  /** Path of containerd's client. */
  ctr: string;
  /** Socket that containerd listens on. */
  address: string;
  /** Told what is pulled, built or imported. */
  onProgress?: (message: string) => void;
  signal?: AbortSignal;
}

/** The image's label with what it was made from. */
const LABEL = 'observatory.source';
const PROBE_MS = 3000;

/**
 * Makes images available in containerd's namespace of the kubelet: from the user's own binary in
 * `$OBSERVATORY_BINARIES`, as it is already there, from its registry, or built from source; in that order. An image
 * made here carries the very reference, entrypoint and user of the official one.
 *
 * Does not throw for an image that cannot be had: its result tells why.
 */
export async function provideImages(wanted: WantedImage[], options: ImageOptions): Promise<ImageResult[]> {
  const provider = new ImageProvider(options, await listImages(options));
  return Promise.all(wanted.map(async (image) => ({ ...image, ...(await provider.provide(image)) })));
}

type Outcome = Pick<ImageResult, 'source' | 'reason'>;

class ImageProvider {
  /** Whether any answer comes from a registry, by its host. */
  private readonly probes = new Map<string, Promise<boolean>>();
  /** Copying and unpacking is bound by the disk. */
  private readonly limit = pLimit(2);

  constructor(
    private readonly options: ImageOptions,
    /** Label by reference of every image in containerd, empty for one that was not made here. */
    private readonly present: Map<string, string>,
  ) {}

  async provide({ component, reference: asWritten }: WantedImage): Promise<Outcome> {
    const reference = normalize(asWritten);
    const label = this.present.get(reference);
    const recipe = RECIPES[component];
    // An image that is pinned by its digest can only be the registry's own.
    const replaceable = reference.includes('@') ? undefined : recipe;

    const offered = replaceable && offeredSources(replaceable);
    const reasons: string[] = [];
    try {
      if (offered)
        return await this.import(
          'binary',
          component,
          reference,
          fingerprint(Object.values(offered)),
          async () => offered,
        );

      const binaries = replaceable && buildable(replaceable);
      const built = binaries && toolDigest(toolOf(binaries[0]!));
      const isUsable = label === '' || (built && label === `built:${sourceDigest(replaceable, built)}`);
      if (isUsable) return { source: 'present' };

      const failure = await this.pull(reference);
      if (!failure) return { source: 'pulled' };
      reasons.push(failure);
      if (binaries && built) {
        return await this.import('built', component, reference, built, () =>
          ensureTools(binaries, this.options),
        );
      }
    } catch (error) {
      this.options.signal?.throwIfAborted();
      reasons.push((error as Error).message);
    }
    // Made from a binary that is not offered any more: better than none.
    if (label !== undefined && !offered) return { source: 'present' };
    const [name] = Object.keys(recipe?.binaries ?? {});
    if (reference.includes('@')) reasons.push('an image that is pinned by its digest cannot be built here');
    else if (!offered && !reasons[1])
      reasons.push(
        `it cannot be built from its Go module, and OBSERVATORY_BINARIES offers no file "${name ?? component}"`,
      );
    return { source: 'unavailable', reason: reasons.join('; ') };
  }

  private async import(
    source: 'binary' | 'built',
    component: string,
    reference: string,
    digest: string,
    sources: () => Promise<Record<string, string>>,
  ): Promise<Outcome> {
    const recipe = RECIPES[component]!;
    const label = `${source}:${sourceDigest(recipe, digest)}`;
    if (this.present.get(reference) === label) return { source: 'present' };
    const files = await sources();
    await this.limit(async () => {
      this.options.signal?.throwIfAborted();
      this.options.onProgress?.(`importing the image ${reference}`);
      const folder = join(HOME, 'archives', component);
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      try {
        await layOutArchive(folder, reference, recipe, files);
        const archive = execa(
          'tar',
          ['--create', '--directory', folder, 'manifest.json', 'config.json', 'layer.tar'],
          {
            buffer: false,
          },
        );
        // an import that fails would leave tar waiting for a reader
        const imported = this.ctr(['import', '-'], archive.stdout!).catch((error: unknown) => {
          archive.kill();
          throw error;
        });
        await Promise.all([archive, imported]);
        await this.ctr(['label', reference, `${LABEL}=${label}`]);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
    return { source };
  }

  /** Pulls an image; says why when that fails. */
  private async pull(reference: string): Promise<string | undefined> {
    const registry = reference.slice(0, reference.indexOf('/'));
    if (!this.probes.has(registry)) this.probes.set(registry, answers(registry));
    if (!(await this.probes.get(registry))) return `the registry ${registry} cannot be reached`;
    return this.limit(async () => {
      this.options.onProgress?.(`pulling the image ${reference}`);
      try {
        await this.ctr(['pull', reference]);
        return undefined;
      } catch (error) {
        this.options.signal?.throwIfAborted();
        const { stderr, message } = error as execa.ExecaError;
        return `${registry} does not give it: ${stderr?.trim().split('\n').at(-1) ?? message}`;
      }
    });
  }

  private async ctr(args: string[], input?: NodeJS.ReadableStream): Promise<void> {
    const child = runCtr(this.options, args, input);
    const cancel = () => child.kill();
    this.options.signal?.addEventListener('abort', cancel);
    await child.finally(() => this.options.signal?.removeEventListener('abort', cancel));
  }
}

const runCtr = ({ ctr, address }: ImageOptions, args: string[], input?: NodeJS.ReadableStream) =>
  execa(
    ctr,
    ['--address', address, '--namespace', 'k8s.io', 'images', ...args],
    input ? { input: input as never } : {},
  );

async function listImages(options: ImageOptions): Promise<Map<string, string>> {
  const { stdout } = await runCtr(options, ['ls']);
  return parseImages(stdout);
}

/** Reads the table of `ctr images ls`: our label by reference, empty for an image without it. */
export function parseImages(table: string): Map<string, string> {
  const label = new RegExp(`${LABEL}=([^,\\s]+)`);
  const rows = table
    .split('\n')
    .slice(1)
    .filter((row) => row.trim());
  return new Map(rows.map((row) => [row.split(/\s/)[0]!, label.exec(row)?.[1] ?? '']));
}

/**
 * A reference as containerd keeps it: with its registry, and without the tag when a digest says it all.
 * `grafana/loki:3` → `docker.io/grafana/loki:3`.
 */
export function normalize(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  const hasRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first);
  const official = rest.length > 0 ? reference : `library/${reference}`;
  const full = hasRegistry ? reference : `docker.io/${official}`;
  return full.replace(/:[^/:@]+@/, '@');
}

/** The user's own files of a recipe; none unless the product's own binary is among them. */
function offeredSources({ binaries }: Recipe): Record<string, string> | undefined {
  const offered = Object.keys(binaries).map((name) => [name, offeredBinary(name)] as const);
  if (!offered[0]?.[1]) return undefined;
  return Object.fromEntries(offered.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** The binaries of a recipe when all of them can be built. */
function buildable({ binaries }: Recipe): Binary[] | undefined {
  const names = Object.keys(binaries);
  return names.every(isBinary) ? names : undefined;
}

/** What an image depends on: its recipe and its files. */
const sourceDigest = (recipe: Recipe | undefined, digest: string) =>
  createHash('sha256').update(JSON.stringify(recipe)).update(digest).digest('hex');

/** Any answer will do, also one that asks for credentials; a proxy answers in its own way, so pulling decides. */
async function answers(registry: string): Promise<boolean> {
  if (process.env.HTTPS_PROXY ?? process.env.https_proxy) return true;
  return fetch(`https://${registry}/v2/`, { signal: AbortSignal.timeout(PROBE_MS), redirect: 'manual' }).then(
    () => true,
    () => false,
  );
}
