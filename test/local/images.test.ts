import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import execa from 'execa';
import { images } from '../../components/images';
import { fingerprint, layOutArchive, parseLibraries, RECIPES } from '../../local/image-archive';
import { normalize, parseImages } from '../../local/images';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'observatory-images-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('every image of the platform can be made from a binary', () => {
  expect(Object.keys(RECIPES)).toEqual(expect.arrayContaining(Object.keys(images)));
});

test.each([
  ['observatory/pause:1', 'docker.io/observatory/pause:1'],
  ['busybox:1', 'docker.io/library/busybox:1'],
  ['registry.k8s.io/a/b:v2', 'registry.k8s.io/a/b:v2'],
  ['localhost:5000/a:1', 'localhost:5000/a:1'],
  ['docker.io/grafana/loki:3@sha256:ab', 'docker.io/grafana/loki@sha256:ab'],
  ['mirror:5000/a@sha256:ab', 'mirror:5000/a@sha256:ab'],
])('containerd knows %s as %s', (reference, expected) => {
  expect(normalize(reference)).toBe(expected);
});

test('the table of ctr tells what an image was made from', () => {
  const table = `REF                  TYPE       DIGEST     SIZE    PLATFORMS   LABELS
docker.io/a/own:1    text/plain sha256:aa  1.6 MiB linux/amd64 io.cri-containerd.image=managed,observatory.source=built:12
docker.io/a/pulled:1 text/plain sha256:bb  1.6 MiB linux/amd64 io.cri-containerd.image=managed
docker.io/a/bare:1   text/plain sha256:cc  1.6 MiB linux/amd64 -
`;
  expect([...parseImages(table)]).toEqual([
    ['docker.io/a/own:1', 'built:12'],
    ['docker.io/a/pulled:1', ''],
    ['docker.io/a/bare:1', ''],
  ]);
});

describe('shared libraries', () => {
  test('with the loader, without the kernel’s own', () => {
    const output = `\tlinux-vdso.so.1 (0x00007ffd)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f1a)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f1b)`;
    expect(parseLibraries(output, 'tempo')).toEqual([
      '/lib/x86_64-linux-gnu/libc.so.6',
      '/lib64/ld-linux-x86-64.so.2',
    ]);
  });

  test('a missing one is an error', () => {
    const output = '\tlibssl.so.1 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x1)';
    expect(() => parseLibraries(output, 'tempo')).toThrow(/tempo needs libssl\.so\.1/);
  });
});

describe('archive', () => {
  const make = async (name: string, component: string, sources: Record<string, string>) => {
    const archive = join(folder, name);
    mkdirSync(archive);
    await layOutArchive(archive, `docker.io/test/${component}:1`, RECIPES[component]!, sources);
    const file = (path: string) => readFileSync(join(archive, path));
    const { stdout } = await execa('tar', ['--list', '--verbose', '--file', join(archive, 'layer.tar')]);
    return { file, config: JSON.parse(file('config.json').toString()), paths: stdout.split('\n') };
  };

  test('holds the binary where the official image has it, with its user and entrypoint', async () => {
    const binary = join(folder, 'loki');
    writeFileSync(binary, 'program', { mode: 0o700 });
    const { file, config, paths } = await make('one', 'loki', { loki: binary });
    expect(config.config).toMatchObject({ User: '10001', Entrypoint: ['/usr/bin/loki'] });
    expect(paths).toContainEqual(
      expect.stringMatching(/^-rwxr-xr-x 0\/0 .* 1970-01-01 .* \.\/usr\/bin\/loki$/),
    );
    expect(paths).toContainEqual(expect.stringMatching(/^drwxrwxrwt .* \.\/tmp\/$/));
    const digest = createHash('sha256').update(file('layer.tar')).digest('hex');
    expect(config.rootfs.diff_ids).toEqual([`sha256:${digest}`]);
    expect(JSON.parse(file('manifest.json').toString())).toEqual([
      { Config: 'config.json', RepoTags: ['docker.io/test/loki:1'], Layers: ['layer.tar'] },
    ]);
  });

  test('is the same for the same content', async () => {
    const binary = join(folder, 'loki');
    writeFileSync(binary, 'program');
    const one = await make('one', 'loki', { loki: binary });
    utimesSync(binary, 1000, 1000);
    const two = await make('two', 'loki', { loki: binary });
    expect(one.file('layer.tar').equals(two.file('layer.tar'))).toBe(true);
    expect(one.file('config.json')).toEqual(two.file('config.json'));
  });

  test('holds a whole installation', async () => {
    const home = join(folder, 'grafana');
    mkdirSync(join(home, 'bin'), { recursive: true });
    mkdirSync(join(home, 'conf'));
    writeFileSync(join(home, 'bin/grafana'), 'program');
    writeFileSync(join(home, 'conf/defaults.ini'), '');
    const { paths } = await make('one', 'grafana', { grafana: home });
    expect(paths).toContainEqual(expect.stringMatching(/ \.\/usr\/share\/grafana\/bin\/grafana$/));
    expect(paths).toContainEqual(expect.stringMatching(/ \.\/usr\/share\/grafana\/conf\/defaults\.ini$/));
  });

  test('a replaced file changes the fingerprint', () => {
    const file = join(folder, 'tempo');
    writeFileSync(file, 'one');
    const before = fingerprint([folder]);
    expect(fingerprint([folder])).toBe(before);
    writeFileSync(file, 'other');
    expect(fingerprint([folder])).not.toBe(before);
  });
});
