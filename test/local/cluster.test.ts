import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ensureCertificates, isUsable, pki, subjects } from '../../local/cluster/certificates';
import { configuration } from '../../local/cluster/configuration';
import { DAEMONS, daemonArguments } from '../../local/cluster/daemons';
import { dns, storage } from '../../local/cluster/manifests';
import { masquerade, networkOf } from '../../local/cluster/network';
import { GiveUp, waitFor } from '../../local/cluster/wait';
import { overlaps } from '../../local/preflight';

const input = (subnet = '10.213.0.0/16') => {
  const network = networkOf(subnet);
  return {
    dir: `/srv/${network.id}`,
    network,
    cniPlugins: '/usr/lib/cni',
    runc: '/usr/bin/runc',
    pauseImage: 'example/pause:1',
    traceSamplingPerMillion: 1234,
    nameServers: ['192.0.2.53'],
  };
};

describe('network', () => {
  test('every address lies in the subnet', () => {
    const { link, id, ...addresses } = networkOf('10.99.0.0/16');
    expect(addresses).toEqual({
      subnet: '10.99.0.0/16',
      hostAddress: '10.99.0.1',
      nodeAddress: '10.99.0.2',
      serviceCidr: '10.99.1.0/24',
      podCidr: '10.99.2.0/24',
      apiServerAddress: '10.99.1.1',
      dnsAddress: '10.99.1.10',
      collectorAddress: '10.99.1.11',
    });
    expect([link, id]).toEqual(['obs-10-99', 'observatory-10-99']);
    expect(networkOf('192.168.0.0/16').link.length).toBeLessThanOrEqual(15);
  });

  test.each(['10.99.0.0/24', '10.99.1.0/16', '10.99.0.0', 'fd00::/16', ''])(
    'refuses the subnet "%s"',
    (subnet) => {
      expect(() => networkOf(subnet)).toThrow(`OBSERVATORY_SUBNET "${subnet}" is not a /16 network`);
    },
  );

  test('clusters side by side share no name, address, folder or packet filter', () => {
    const values = (subnet: string) => {
      const all = input(subnet);
      const args = Object.values(daemonArguments(all.dir, all.network)).flat();
      const text = [...Object.values(configuration(all)), masquerade(all.network), ...args].join('\n');
      return new Set(text.match(/10\.\d+\.\d+\.\d+|\/srv\/[\w./-]+|observatory-[\w-]+|obs-[\w-]+/g));
    };
    const other = values('10.214.0.0/16');
    expect(other.size).toBeGreaterThan(20);
    expect([...values('10.213.0.0/16')].filter((value) => other.has(value))).toEqual([]);
  });

  test.each([
    ['10.213.0.0/16', '10.0.0.0/8', true],
    ['10.213.0.0/16', '10.213.4.1', true],
    ['10.213.0.0/16', '10.213.0.0/16', true],
    ['10.213.0.0/16', '10.214.0.0/16', false],
    ['10.213.0.0/16', '192.0.2.0/24', false],
  ])('%s and %s overlap: %s', (one, other, expected) => {
    expect(overlaps(one, other)).toBe(expected);
  });
});

describe('configuration', () => {
  const files = configuration(input());

  test('API server and kubelet trace to the address that is kept for the collector', () => {
    const expected = { endpoint: '10.213.1.11:4317', samplingRatePerMillion: 1234 };
    expect(parse(files['apiserver-tracing.yaml']!)).toMatchObject({
      kind: 'TracingConfiguration',
      ...expected,
    });
    expect(parse(files['kubelet.yaml']!).tracing).toEqual(expected);
  });

  test('the kubelet lets nobody in without a token or certificate that the API server accepts', () => {
    expect(parse(files['kubelet.yaml']!)).toMatchObject({
      authentication: { anonymous: { enabled: false }, webhook: { enabled: true } },
      authorization: { mode: 'Webhook' },
    });
  });

  test('every file or folder named is below the folder of the cluster, or a program', () => {
    const { dir, network } = input();
    const args = Object.values(daemonArguments(dir, network)).flat();
    const paths =
      [...Object.values(files), ...args].join('\n').match(/(?<=[\s"'=]|unix:\/\/)\/[\w./-]+/g) ?? [];
    expect(paths.length).toBeGreaterThan(30);
    const outside = paths.filter((path) => !path.startsWith(`${dir}/`));
    expect([...new Set(outside)].sort()).toEqual([`/${network.id}`, '/usr/bin/runc', '/usr/lib/cni']);
  });

  test('every daemon has arguments', () => {
    const args = daemonArguments('/srv', networkOf());
    for (const name of DAEMONS) expect(args[name].length).toBeGreaterThan(0);
  });
});

describe('manifests', () => {
  test('the DNS has its fixed address and asks the given name servers', () => {
    const objects = dns('example/coredns:1', '10.213.1.10', ['192.0.2.53']);
    const byKind = (kind: string) => objects.find((object) => object.kind === kind) as Record<string, any>;
    expect(byKind('Service')['spec'].clusterIP).toBe('10.213.1.10');
    expect(byKind('ConfigMap')['data'].Corefile).toContain('forward . 192.0.2.53\n');
    expect(JSON.stringify(dns('example/coredns:1', '10.213.1.10', []))).not.toContain('forward');
  });

  test('every volume has a folder and a name of its own', () => {
    const volumes = storage('/srv').filter(({ kind }) => kind === 'PersistentVolume') as Record<
      string,
      any
    >[];
    expect(new Set(volumes.map(({ spec }) => spec.local.path)).size).toBe(volumes.length);
    expect(new Set(volumes.map(({ metadata }) => metadata.name)).size).toBe(volumes.length);
  });
});

describe('certificates', () => {
  let dir: string;
  beforeAll(() => (dir = mkdtempSync(join(tmpdir(), 'observatory-'))));
  afterAll(() => rmSync(dir, { recursive: true }));
  const text = (file: string) => readFileSync(pki(dir, file), 'utf8');
  const read = (name: string) => text(`${name}.crt`);

  test('are issued once, and again when the network changes or a file is broken', async () => {
    const network = networkOf('10.99.0.0/16');
    expect(await ensureCertificates(dir, network)).toEqual(['ca', ...Object.keys(subjects(network))]);
    expect(await ensureCertificates(dir, network)).toEqual([]);

    const ca = new X509Certificate(read('ca'));
    expect(ca.ca).toBe(true);
    const apiserver = new X509Certificate(read('apiserver'));
    expect(apiserver.ca).toBe(false);
    expect(apiserver.checkIssued(ca)).toBe(true);
    expect(apiserver.checkIP('10.99.0.2')).toBe('10.99.0.2');
    expect(Date.parse(apiserver.validTo) - Date.now()).toBeGreaterThan(365 * 86_400_000);
    expect(new X509Certificate(read('kubelet')).subject).toBe('O=system:nodes\nCN=system:node:observatory');

    expect(await ensureCertificates(dir, networkOf('10.98.0.0/16'))).toEqual(['apiserver', 'kubelet-server']);
    writeFileSync(pki(dir, 'admin.crt'), read('admin').replace('BEGIN', 'BROKEN'));
    writeFileSync(pki(dir, 'proxy.key'), text('scheduler.key'));
    expect(await ensureCertificates(dir, networkOf('10.98.0.0/16'))).toEqual(['admin', 'proxy']);
  });

  test('are renewed 30 days before they expire, and when another authority signed them', async () => {
    const pem = { certificate: read('admin'), key: text('admin.key'), authority: read('ca') };
    const { validTo } = new X509Certificate(pem.certificate);
    const daysBefore = (days: number) => Date.parse(validTo) - days * 86_400_000;
    expect(isUsable(pem, [], daysBefore(31))).toBe(true);
    expect(isUsable(pem, [], daysBefore(29))).toBe(false);
    expect(isUsable({ ...pem, authority: read('scheduler') })).toBe(false);
  });
});

describe('waiting', () => {
  test('a time-out says what was waited for, why, and how the log ends', async () => {
    const log = join(mkdtempSync(join(tmpdir(), 'observatory-')), 'daemon.log');
    writeFileSync(log, 'first line\nlast words\n');
    const never = () => Promise.reject(new Error('connection refused'));
    await expect(waitFor('the daemon', never, { timeoutSeconds: 0.5, log })).rejects.toThrow(
      `the daemon: not after 0.5 s (connection refused)\nThe end of ${log}:\nfirst line\nlast words`,
    );
  });

  test('ends at once when there is no hope, or when it is cancelled', async () => {
    const hopeless = () => Promise.reject(new GiveUp('the daemon ended'));
    await expect(waitFor('the daemon', hopeless, { timeoutSeconds: 60 })).rejects.toThrow(
      /^the daemon ended$/,
    );
    const abort = new AbortController();
    const cancelling = () => {
      abort.abort(new Error('cancelled'));
      throw new Error('not yet');
    };
    await expect(
      waitFor('the daemon', cancelling, { timeoutSeconds: 60, signal: abort.signal }),
    ).rejects.toThrow('cancelled');
  });
});
