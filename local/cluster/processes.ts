import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { daemonProcesses } from './cgroup';
import { writeWhole } from './files';
import { inNamespaces } from './namespaces';

/** A program that outlives the command that started it. */
export interface Daemon {
  name: string;
  command: string[];
  /** Folders that it finds its helpers in. */
  path: string[];
  /** Changes whenever its arguments or configuration files do. */
  digest: string;
}

/** A daemon with a digest of its program, its arguments and the files that they name. */
export function describeDaemon(name: string, command: string[], path: string[]): Daemon {
  const [program = '', ...args] = command;
  const hash = createHash('sha256')
    .update(command.join('\n'))
    .update(`${statSync(program).mtimeMs}`);
  for (const value of args.map((arg) => arg.slice(arg.indexOf('=') + 1))) {
    const isFile = value.startsWith('/') && statSync(value, { throwIfNoEntry: false })?.isFile();
    if (isFile) hash.update(readFileSync(value));
  }
  return { name, command, path, digest: hash.digest('hex') };
}

/** Field 22 of stat, in clock ticks since boot: with it a process id is never mistaken for a later one. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

const recordSchema = z.object({ pid: z.number(), startTime: z.string(), digest: z.string() });
const recordFile = (dir: string, name: string) => join(dir, 'run', `${name}.json`);
/** The log file of a daemon. */
export const logFile = (dir: string, name: string) => join(dir, 'logs', `${name}.log`);

/** The process of a daemon, or undefined when it is not running. */
export function runningProcess(dir: string, name: string): { pid: number; digest: string } | undefined {
  const file = recordFile(dir, name);
  if (!existsSync(file)) return undefined;
  const record = recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return startTime(record.pid) === record.startTime ? record : undefined;
}

/** Starts a daemon in the node's namespaces and the cluster's cgroup, detached from this process. */
export function startDaemon(dir: string, cgroup: string, daemon: Daemon): number {
  const { name, command, path, digest } = daemon;
  const log = logFile(dir, name);
  if (existsSync(log)) renameSync(log, `${log}.1`);
  const output = openSync(log, 'a');
  const enter = 'echo $$ > "$0" && exec "$@"';
  const child = spawn('/bin/sh', ['-c', enter, daemonProcesses(cgroup), ...inNamespaces(dir, command)], {
    detached: true,
    stdio: ['ignore', output, output],
    // Nothing else is inherited: OTEL_* or proxy variables of the user's would change what the daemons do.
    env: { PATH: [...path, process.env['PATH']].join(delimiter), HOME: dir },
  });
  closeSync(output);
  child.unref();
  const { pid } = child;
  const started = pid && startTime(pid);
  if (!started) throw new Error(`${name} did not start: ${command.join(' ')}`);
  writeWhole(recordFile(dir, name), JSON.stringify({ pid, startTime: started, digest }));
  return pid;
}

/** Ends a daemon: SIGTERM, then SIGKILL when it takes longer than 3 s; all that they keep survives a crash. */
export async function stopDaemon(dir: string, name: string): Promise<void> {
  const running = runningProcess(dir, name);
  if (running) await terminate(() => (runningProcess(dir, name) ? [running.pid] : []), 3);
  rmSync(recordFile(dir, name), { force: true });
}

/** Ends processes: SIGTERM, and SIGKILL to those that are left after some seconds. */
export async function terminate(alive: () => number[], graceSeconds: number): Promise<void> {
  for (const [signal, seconds] of [
    ['SIGTERM', graceSeconds],
    ['SIGKILL', 10],
  ] as const) {
    for (const pid of alive()) kill(pid, signal);
    const end = Date.now() + seconds * 1000;
    while (alive().length > 0 && Date.now() < end) await sleep(50);
    if (alive().length === 0) return;
  }
  throw new Error(`process ${alive().join(', ')} does not end on SIGKILL`);
}

const SIGTERM = 15n;

/** Whether a process catches SIGTERM. A first process of a namespace that does not would never end on it. */
export function catchesTermination(pid: number): boolean {
  try {
    const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    return ((BigInt(`0x${caught}`) >> (SIGTERM - 1n)) & 1n) === 1n;
  } catch {
    return false;
  }
}

function kill(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
