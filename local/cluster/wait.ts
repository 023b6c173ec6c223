import { existsSync, readFileSync } from 'node:fs';
import pRetry, { AbortError } from 'p-retry';

export interface WaitOptions {
  timeoutSeconds: number;
  signal?: AbortSignal;
  /** Log file whose end is shown when the time is over. */
  log?: string;
}

/** Thrown inside a check when waiting any longer is of no use. */
export { AbortError as GiveUp };

/**
 * Repeats a check until it stops throwing.
 * @throws what was waited for, for how long, why the last check failed, and the end of the log
 */
export async function waitFor<T>(
  what: string,
  check: () => Promise<T> | T,
  { timeoutSeconds, signal, log }: WaitOptions,
): Promise<T> {
  let hopeless = false;
  try {
    return await pRetry(
      async () => {
        if (signal?.aborted) throw new AbortError('cancelled');
        try {
          return await check();
        } catch (error) {
          hopeless = error instanceof AbortError;
          throw error;
        }
      },
      { forever: true, factor: 1, minTimeout: 200, maxRetryTime: timeoutSeconds * 1000 },
    );
  } catch (error) {
    signal?.throwIfAborted();
    if (hopeless) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const tail = log ? `\nThe end of ${log}:\n${tailOf(log)}` : '';
    throw new Error(`${what}: not after ${timeoutSeconds} s (${reason})${tail}`, { cause: error });
  }
}

/** The last lines of a log file. */
export const tailOf = (log: string, lines = 15) =>
  existsSync(log)
    ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
    : '(no such file)';
