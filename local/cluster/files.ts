import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file for root only, so that whoever reads it finds the old content or the new, never half of it. */
export function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
