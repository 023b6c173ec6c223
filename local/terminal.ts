import { setMaxListeners } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock';
import { HOME } from './paths';

/** A line for the user. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * Runs a command: prints an error's message without its stack and exits with 1; Ctrl-C and SIGTERM abort the signal,
 * so that the command can clean up, and exit with 130.
 */
export function run(command: (signal: AbortSignal) => Promise<void>): void {
  const abort = new AbortController();
  // every wait listens to it
  setMaxListeners(0, abort.signal);
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    // `on`, because a library ends the process when it finds itself the only listener
    process.on(name, () => {
      if (abort.signal.aborted) process.exit(130);
      process.stderr.write(`\n${name}: cleaning up; once more ends at once\n`);
      abort.abort(new Error('interrupted'));
    });
  }
  command(abort.signal).then(
    () => process.exit(abort.signal.aborted ? 130 : 0),
    (error: unknown) => {
      if (!abort.signal.aborted)
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(abort.signal.aborted ? 130 : 1);
    },
  );
}

/** As {@link run}, one command at a time on this machine's platform: the next waits for the one before. */
export function runAlone(command: (signal: AbortSignal) => Promise<void>): void {
  run((signal) => {
    mkdirSync(HOME, { recursive: true });
    return withLock(join(HOME, 'lock'), () => command(signal), { signal, onProgress: say });
  });
}
