import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../local/paths';
import { offeredBinary } from '../local/tools';

/**
 * Path of a product's own binary, e.g. `promtool`: the user's in OBSERVATORY_BINARIES, else as `npm start` has built
 * it; undefined where there is none.
 */
export function tool(name: string): string | undefined {
  const built = join(ROOT, '.observatory/bin', name);
  return offeredBinary(name) ?? (existsSync(built) ? built : undefined);
}
