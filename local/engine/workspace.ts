import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PulumiCommand } from '@pulumi/pulumi/automation';
import { parse, stringify } from 'yaml';
import { findOfficialProvider, findOnPath, officialVersion } from '../provider/official';
import { ensureTools, type ToolOptions } from '../tools';

/** A value that the stack's own file does not have, e.g. `observatory:size` or `kubernetes:context`. */
export interface ConfigValue {
  value: unknown;
  /** Encrypted in the stack's configuration. Default: false. */
  secret?: boolean;
}

/** Where the engine works; nothing of it is in the project's own folder. */
export interface Workspace {
  projectName: string;
  workDir: string;
  pulumiHome: string;
  /** Folder of the state's locks. */
  locks: string;
  envVars: Record<string, string>;
  /** Folder of the official provider plugin; undefined when the built-in one is used. */
  officialProvider: string | undefined;
}

interface StackFile {
  config?: Record<string, unknown>;
  encryptionsalt?: string;
  secretsprovider?: string;
}

const oldestPulumi = '3.200.0';

/**
 * Copies the project's files to a folder of their own, because the engine writes into them, and puts the given
 * values over the stack's. Secrets are left out: they are encrypted by the engine, see {@link setSecret}.
 */
export function prepareWorkspace(
  project: string,
  home: string,
  stack: string,
  config: Record<string, ConfigValue>,
): Workspace {
  const workDir = join(home, 'workspace', stack);
  const state = join(home, 'state');
  for (const folder of [state, workDir]) mkdirSync(folder, { recursive: true });
  const officialProvider = chooseProvider(stack, join(workDir, 'provider'));

  const {
    name,
    description,
    config: schema,
  } = readYaml<Record<string, string>>(join(project, 'Pulumi.yaml'));
  if (!name) throw new Error(`${join(project, 'Pulumi.yaml')} has no project "name"`);
  const plugins = officialProvider && { providers: [{ name: 'kubernetes', path: officialProvider }] };
  writeYaml(join(workDir, 'Pulumi.yaml'), { name, description, runtime: 'nodejs', config: schema, plugins });

  const fileName = `Pulumi.${stack}.yaml`;
  const own = readYaml<StackFile>(join(project, fileName));
  // a file with secrets of its own can only be read with the user's passphrase or key
  const hasSecrets = !!own.encryptionsalt || !!own.secretsprovider;
  const { encryptionsalt } = hasSecrets ? own : readYaml<StackFile>(join(workDir, fileName));
  const plain = Object.entries(config).filter(([, { secret }]) => !secret);
  const values = Object.fromEntries(plain.map(([key, { value }]) => [key, value]));
  writeYaml(join(workDir, fileName), { ...own, encryptionsalt, config: { ...own.config, ...values } });

  return {
    projectName: name,
    workDir,
    pulumiHome: join(home, 'pulumi'),
    locks: join(state, '.pulumi', 'locks', 'organization', name, stack),
    officialProvider,
    envVars: {
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
      ...(!hasSecrets && { PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(home) }),
    },
  };
}

/** The `pulumi` on `PATH` when it is new enough, else the one built from source. */
export async function locatePulumi(home: string, options: ToolOptions): Promise<PulumiCommand> {
  const installed = findOnPath('pulumi');
  const wrapper = join(home, 'engine');
  if (installed) {
    const command = await PulumiCommand.get({ root: wrap(installed, wrapper), skipVersionCheck: true });
    if (command.version && command.version.compare(oldestPulumi) >= 0) return command;
  }
  const { pulumi } = await ensureTools(['pulumi'], options);
  return PulumiCommand.get({ root: wrap(pulumi, wrapper) });
}

/** What {@link prepareWorkspace} remembers of the provider is void once the stack is empty. */
export function forgetProvider({ workDir }: Workspace): void {
  rmSync(join(workDir, 'provider'), { force: true });
}

/**
 * The state of the two providers is not interchangeable: a stack stays with the one that made it. Returns the
 * folder of the official one, undefined for the built-in one.
 */
function chooseProvider(stack: string, record: string): string | undefined {
  const found = findOfficialProvider();
  const recorded = existsSync(record) ? readFileSync(record, 'utf8') : undefined;
  if (recorded === 'official' && !found) {
    throw new Error(
      `stack "${stack}" was made with the official Kubernetes provider, which is not installed any more; ` +
        `install it (pulumi plugin install resource kubernetes ${officialVersion}), or start anew (npm run clean)`,
    );
  }
  const official = recorded ? recorded === 'official' : !!found;
  writeFileSync(record, official ? 'official' : 'built-in');
  return official ? found : undefined;
}

/**
 * A folder whose `bin/pulumi` runs the engine in a session of its own: Ctrl-C in a terminal reaches the whole
 * process group, and a second interrupt besides ours would make the engine give up instead of ending well.
 */
function wrap(binary: string, folder: string): string {
  const path = join(folder, 'bin', 'pulumi');
  const script = `#!/bin/sh\nexec setsid '${binary}' "$@"\n`;
  if (existsSync(path) && readFileSync(path, 'utf8') === script) return folder;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, script, { mode: 0o755 });
  return folder;
}

function passphraseFile(home: string): string {
  const path = join(home, 'passphrase');
  if (!existsSync(path)) writeFileSync(path, randomBytes(32).toString('base64url'), { mode: 0o600 });
  return path;
}

function readYaml<T extends object>(path: string): Partial<T> {
  return existsSync(path) ? ((parse(readFileSync(path, 'utf8')) as Partial<T> | null) ?? {}) : {};
}

function writeYaml(path: string, value: object): void {
  writeFileSync(path, stringify(value));
}
