import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { version } from '@pulumi/kubernetes/package.json';

const binary = 'pulumi-resource-kubernetes';

/** Version of the plugin that belongs to the installed @pulumi/kubernetes. */
export const officialVersion = version;

/** Folder of the installed official provider plugin: the matching version first, then the newest, then `PATH`. */
export function findOfficialProvider(): string | undefined {
  const plugins = join(process.env.PULUMI_HOME ?? join(homedir(), '.pulumi'), 'plugins');
  const prefix = 'resource-kubernetes-v';
  const versions = (existsSync(plugins) ? readdirSync(plugins) : [])
    .filter((name) => name.startsWith(prefix) && existsSync(join(plugins, name, binary)))
    .sort((a, b) => b.localeCompare(a, undefined, { numeric: true }));
  const installed = versions.find((name) => name === prefix + officialVersion) ?? versions[0];
  if (installed) return join(plugins, installed);
  const onPath = findOnPath(binary);
  return onPath && dirname(onPath);
}

/** Absolute path of an executable on `PATH`. */
export function findOnPath(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
