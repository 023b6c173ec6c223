import { join } from 'node:path';

/** The repository. */
export const ROOT = join(__dirname, '..');

/**
 * Folder of everything that runs on this machine: `.observatory` in the repository, or `$OBSERVATORY_HOME`, so that
 * two platforms can stand side by side (give the second one an `$OBSERVATORY_SUBNET` too).
 */
export const HOME = process.env.OBSERVATORY_HOME ?? join(ROOT, '.observatory');

/** Folder of the embedded cluster. */
export const CLUSTER = join(HOME, 'cluster');
