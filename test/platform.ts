import { join } from 'node:path';
import execa from 'execa';
import { ROOT } from '../local/paths';

/** The tests' own platform, beside one that the user may have started. */
export const TEST_HOME = join(ROOT, '.observatory-test');

/** The kubeconfig and context of the tests' cluster. */
export const access = { kubeconfig: join(TEST_HOME, 'cluster/kubeconfig'), context: 'observatory' };

/** Its network, beside the default one. */
export const SUBNET = '10.214.0.0/16';

const env = { OBSERVATORY_HOME: TEST_HOME, OBSERVATORY_SUBNET: SUBNET };

/** Runs one of the README's commands on the tests' platform, shows its progress and returns what it printed. */
export async function command(name: 'start' | 'stop' | 'clean', ...args: string[]): Promise<string> {
  const run = execa('npm', ['run', '--silent', name, '--', ...args], {
    cwd: ROOT,
    env,
    all: true,
    stdin: 'ignore',
  });
  run.all?.pipe(process.stderr);
  return (await run).all ?? '';
}

/** Removes the tests' platform with its data. */
export async function cleanPlatform(): Promise<void> {
  await command('clean');
}
