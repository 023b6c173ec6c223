import { once } from 'node:events';
import execa from 'execa';

/**
 * Runs something while no other process holds the same lock file. The kernel lets go of the lock when this process
 * ends in whatever way, so none is ever left behind.
 */
export async function withLock<T>(
  file: string,
  run: () => Promise<T>,
  { signal, onProgress = () => {} }: { signal?: AbortSignal; onProgress?: (message: string) => void } = {},
): Promise<T> {
  const holder = execa('flock', [file, 'sh', '-c', 'echo && exec cat'], { buffer: false, reject: false });
  const cancel = () => holder.kill();
  signal?.addEventListener('abort', cancel);
  const waiting = setTimeout(() => onProgress(`waiting for the process that holds ${file}`), 1000);
  try {
    const held = await Promise.race([
      once(holder.stdout!, 'data').then(() => true),
      holder.then(() => false),
    ]);
    // what runs cleans up after an abort while it still holds the lock
    signal?.removeEventListener('abort', cancel);
    signal?.throwIfAborted();
    if (!held) throw new Error(`${file} cannot be locked with flock (util-linux)`);
    clearTimeout(waiting);
    return await run();
  } finally {
    clearTimeout(waiting);
    signal?.removeEventListener('abort', cancel);
    holder.stdin!.end();
    await holder;
  }
}
