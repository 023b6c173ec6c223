import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';
const unified = () => existsSync(join(ROOT, 'cgroup.controllers'));

/** The roots of every hierarchy: one with cgroup v2, one per controller with v1. */
const hierarchies = () =>
  unified()
    ? [ROOT]
    : readdirSync(ROOT, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && existsSync(join(ROOT, entry.name, 'cgroup.procs')))
        .map((entry) => join(ROOT, entry.name));

/** The hierarchy whose membership says which process is the cluster's. */
const owner = () => (unified() ? ROOT : join(ROOT, 'pids'));

/** Whether any cluster of this kind has a cgroup on this machine. */
export const hasClusters = () => readdirSync(owner()).some((name) => name.startsWith('observatory-'));

/** The file that a daemon writes its process id to, so that it and all its children can be found again. */
export const daemonProcesses = (cgroup: string) => join(owner(), cgroup, 'daemons/cgroup.procs');

/** Creates the cgroup of the cluster in every hierarchy, with every controller that there is. */
export function createCgroup(cgroup: string): void {
  for (const root of hierarchies()) mkdirSync(join(root, cgroup), { recursive: true });
  if (unified()) {
    for (const dir of [ROOT, join(ROOT, cgroup)]) {
      const controllers = readFileSync(join(dir, 'cgroup.controllers'), 'utf8').split(/\s+/).filter(Boolean);
      writeFileSync(join(dir, 'cgroup.subtree_control'), controllers.map((name) => `+${name}`).join(' '));
    }
  }
  mkdirSync(join(owner(), cgroup, 'daemons'), { recursive: true });
}

const below = (dir: string): string[] =>
  existsSync(dir)
    ? [
        ...readdirSync(dir, { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .flatMap((entry) => below(join(dir, entry.name))),
        dir,
      ]
    : [];

/** The processes in the cluster's cgroup: all of them, or just those of its pods. */
export function processesOf(cgroup: string, part: 'all' | 'pods'): number[] {
  return below(join(owner(), cgroup, part === 'pods' ? 'kubepods' : '')).flatMap((dir) => {
    try {
      return readFileSync(join(dir, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    } catch {
      return []; // a pod's cgroup may go while it is read
    }
  });
}

/** Removes the cluster's cgroups, which must hold no process any more. */
export function deleteCgroup(cgroup: string): void {
  for (const root of hierarchies()) for (const dir of below(join(root, cgroup))) rmdirSync(dir);
}
