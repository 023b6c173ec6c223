import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import execa from 'execa';
import { TOOLS, isBinary, ensureTools } from '../local/tools';
import { cleanPlatform } from './platform';

/** Suites in the order of their cost, each a jest project. */
const SUITES = ['unit', 'validators', 'engine', 'e2e'];

const BINARIES = Object.values(TOOLS)
  .flatMap(({ packages }) => Object.keys(packages))
  .filter(isBinary);

interface Results {
  numPassedTests: number;
  numFailedTests: number;
  numRuntimeErrorTestSuites: number;
  numPendingTests: number;
}

/** Runs every suite, even after a failure, and ends with one line of counts. */
async function main(): Promise<void> {
  const suites = process.argv.length > 2 ? process.argv.slice(2) : SUITES;
  const reports = mkdtempSync(join(tmpdir(), 'observatory-test-'));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  // the products' own binaries, so that no test waits silently for a build
  await ensureTools(BINARIES, { onProgress: (line) => process.stdout.write(`${line}\n`) });
  try {
    for (const suite of suites) {
      process.stdout.write(`\n== ${suite}\n`);
      const report = join(reports, `${suite}.json`);
      const args = [
        'jest',
        '--selectProjects',
        suite,
        '--runInBand',
        '--forceExit',
        '--json',
        '--outputFile',
        report,
      ];
      await execa('npx', args, { stdio: ['ignore', 'ignore', 'inherit'], reject: false });
      if (!existsSync(report)) {
        process.stdout.write(`${suite} ended without results\n`);
        counts.failed += 1;
        continue;
      }
      const results = JSON.parse(readFileSync(report, 'utf8')) as Results;
      counts.passed += results.numPassedTests;
      // a suite that could not even load counts as one failure
      counts.failed += results.numFailedTests + results.numRuntimeErrorTestSuites;
      counts.skipped += results.numPendingTests;
    }
  } finally {
    rmSync(reports, { recursive: true, force: true });
    await cleanPlatform();
  }
  process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1;
}

void main();
