import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { images } from '../../components/images';
import { withLock } from '../../local/lock';
import { ensureTools, isBinary, TOOLS, toolOf } from '../../local/tools';

const folderOf = (name: string) => join(__dirname, '../../local/tools', name);
const read = (name: string, file: string) => {
  const path = join(folderOf(name), file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'observatory-tools-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  delete process.env.OBSERVATORY_BINARIES;
});

describe.each(Object.entries(TOOLS))('%s', (name, { packages }) => {
  const goMod = read(name, 'go.mod');

  test('its module names every package as a tool, or is the package', () => {
    for (const path of Object.values(packages)) {
      expect(goMod).toMatch(new RegExp(`^(module |tool |\\t)${path}$`, 'm'));
    }
  });

  test('every module it requires has a checksum', () => {
    const replaced = new Map(
      [...goMod.matchAll(/^(?:replace )?\t?(\S+) => (\S+ v\S+)$/gm)].map(([, from, to]) => [from!, to!]),
    );
    const active = goMod.replace(/^exclude (\([^)]*\)|.*)$/gm, '');
    const required = [...active.matchAll(/^(?:require )?\t?(\S+\.\S+) (v\d\S+)(?: \/\/ indirect)?$/gm)];
    const goSum = read(name, 'go.sum');
    const unverified = required
      .map(([, path, version]) => replaced.get(path!) ?? `${path} ${version}`)
      .filter((module) => !goSum.includes(`${module} h1:`) && !goSum.includes(`${module}/go.mod h1:`));
    expect(unverified).toEqual([]);
  });
});

test('a product that is built has the version of its image', () => {
  const tools = { ...TOOLS, collector: TOOLS.otelcol };
  const pairs = Object.entries(images).filter(([name]) => name in tools);
  expect(pairs).toHaveLength(6);
  for (const [name, { version }] of pairs) {
    expect([name, version.replace(/^v/, '')]).toEqual([name, tools[name as keyof typeof tools].version]);
  }
});

test('a binary belongs to the tool that builds it', () => {
  expect(toolOf('promtool')).toBe('prometheus');
  expect(isBinary('promtool')).toBe(true);
  expect(isBinary('tempo')).toBe(false);
});

test('a binary that is offered takes precedence', async () => {
  process.env.OBSERVATORY_BINARIES = folder;
  writeFileSync(join(folder, 'promtool'), '');
  expect(await ensureTools(['promtool'])).toEqual({ promtool: join(folder, 'promtool') });
});

test('a folder of binaries that does not exist is an error', async () => {
  process.env.OBSERVATORY_BINARIES = join(folder, 'absent');
  await expect(ensureTools(['promtool'])).rejects.toThrow(/OBSERVATORY_BINARIES.*absent.*unset/);
});

describe('lock', () => {
  test('one holder at a time', async () => {
    const events: string[] = [];
    const hold = (name: string) =>
      withLock(join(folder, 'lock'), async () => {
        events.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 50));
        events.push(`${name} ends`);
      });
    await Promise.all([hold('a'), hold('b')]);
    const [first] = events[0]!;
    const second = first === 'a' ? 'b' : 'a';
    expect(events).toEqual([`${first} begins`, `${first} ends`, `${second} begins`, `${second} ends`]);
  });

  test('waiting ends on abort', async () => {
    const file = join(folder, 'lock');
    const abort = new AbortController();
    await withLock(file, async () => {
      const waiting = withLock(file, () => Promise.resolve(), { signal: abort.signal });
      abort.abort(new Error('interrupted'));
      await expect(waiting).rejects.toThrow('interrupted');
    });
  });

  test('a failure lets go of it', async () => {
    const file = join(folder, 'lock');
    await expect(withLock(file, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    await expect(withLock(file, () => Promise.resolve('held'))).resolves.toBe('held');
  });
});
