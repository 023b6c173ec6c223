import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from './files';

/** Kernel settings that the kubelet changes, and the one that lets pods reach what the machine reaches. */
const KERNEL_SETTINGS = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
  'net/ipv4/ip_forward',
].map((name) => join('/proc/sys', name));

const savedSettings = (dir: string) => join(dir, 'run/kernel-settings.json');

/** Remembers the machine's kernel settings as they were before the cluster, then turns forwarding on. */
export function changeKernelSettings(dir: string): void {
  if (!existsSync(savedSettings(dir))) {
    const values = KERNEL_SETTINGS.map((file) => [file, readFileSync(file, 'utf8')]);
    writeWhole(savedSettings(dir), JSON.stringify(Object.fromEntries(values)));
  }
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
}

/** Gives the machine its kernel settings back. */
export function restoreKernelSettings(dir: string): void {
  if (!existsSync(savedSettings(dir))) return;
  const values = JSON.parse(readFileSync(savedSettings(dir), 'utf8')) as Record<string, string>;
  for (const [file, value] of Object.entries(values)) {
    if (readFileSync(file, 'utf8') !== value) writeFileSync(file, value);
  }
  rmSync(savedSettings(dir));
}
