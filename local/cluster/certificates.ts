import { X509Certificate, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import execa from 'execa';
import type { Network } from './network';

/** Name of the only node. */
export const NODE_NAME = 'observatory';

const VALID_DAYS = 730;
const RENEW_BEFORE_DAYS = 30;
const DAY = 86_400_000;

interface Subject {
  /** Distinguished name in OpenSSL's notation. */
  subject: string;
  usage: 'serverAuth' | 'clientAuth' | 'serverAuth,clientAuth';
  /** Subject alternative names. */
  names?: string[];
}

/** Every certificate that the certificate authority of the cluster signs, by file name. */
export function subjects({ nodeAddress, apiServerAddress }: Network): Record<string, Subject> {
  const client = (subject: string): Subject => ({ subject, usage: 'clientAuth' });
  return {
    etcd: { subject: '/CN=etcd', usage: 'serverAuth,clientAuth', names: ['DNS:localhost', 'IP:127.0.0.1'] },
    apiserver: {
      subject: '/CN=kube-apiserver',
      usage: 'serverAuth',
      names: [
        'DNS:localhost',
        'DNS:kubernetes',
        'DNS:kubernetes.default',
        'DNS:kubernetes.default.svc',
        'DNS:kubernetes.default.svc.cluster.local',
        'IP:127.0.0.1',
        `IP:${apiServerAddress}`,
        `IP:${nodeAddress}`,
      ],
    },
    'kubelet-server': {
      subject: `/O=system:nodes/CN=system:node:${NODE_NAME}`,
      usage: 'serverAuth',
      names: [`DNS:${NODE_NAME}`, `IP:${nodeAddress}`],
    },
    'etcd-client': client('/CN=kube-apiserver-etcd-client'),
    'kubelet-client': client('/O=system:masters/CN=kube-apiserver-kubelet-client'),
    admin: client('/O=system:masters/CN=admin'),
    'controller-manager': client('/CN=system:kube-controller-manager'),
    scheduler: client('/CN=system:kube-scheduler'),
    kubelet: client(`/O=system:nodes/CN=system:node:${NODE_NAME}`),
    proxy: client('/CN=system:kube-proxy'),
  };
}

/** The folder of a cluster's certificates: `<name>.crt`, `<name>.key`, and `sa.key`, `sa.pub` for service accounts. */
export const pki = (dir: string, file: string) => join(dir, 'pki', file);

/**
 * Whether a certificate can go on being used: signed by the authority, with its own key, names as wanted, and valid
 * for another 30 days. A damaged one cannot.
 */
export function isUsable(
  pem: { certificate: string; key: string; authority: string },
  names: string[] = [],
  now = Date.now(),
): boolean {
  try {
    const certificate = new X509Certificate(pem.certificate);
    const present = certificate.subjectAltName?.split(', ') ?? [];
    return (
      certificate.verify(new X509Certificate(pem.authority).publicKey) &&
      certificate.checkPrivateKey(createPrivateKey(pem.key)) &&
      Date.parse(certificate.validTo) - now > RENEW_BEFORE_DAYS * DAY &&
      isDeepStrictEqual(new Set(present.map((name) => name.replace('IP Address:', 'IP:'))), new Set(names))
    );
  } catch {
    return false;
  }
}

/**
 * Writes the certificates that are missing, expire within 30 days or no longer fit the network.
 * @returns the names of those that were written
 */
export async function ensureCertificates(dir: string, network: Network): Promise<string[]> {
  mkdirSync(join(dir, 'pki'), { recursive: true, mode: 0o700 });
  // Without a configuration of its own, `openssl req -x509` would make every certificate an authority.
  writeFileSync(pki(dir, 'openssl.cnf'), '[req]\ndistinguished_name=name\n[name]\n');
  const issued: string[] = [];
  const read = (file: string) => (existsSync(pki(dir, file)) ? readFileSync(pki(dir, file), 'utf8') : '');
  const usable = (name: string, names?: string[]) => {
    const pem = { certificate: read(`${name}.crt`), key: read(`${name}.key`), authority: read('ca.crt') };
    return isUsable(pem, names);
  };
  const issue = async (name: string, subject: string, extensions: string[], signer: string[]) => {
    await execa('openssl', [
      ...['req', '-x509', '-config', pki(dir, 'openssl.cnf'), '-days', `${VALID_DAYS}`, '-subj', subject],
      ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', pki(dir, `${name}.key`), '-out', pki(dir, `${name}.crt`)],
      ...extensions.flatMap((extension) => ['-addext', extension]),
      ...signer,
    ]);
    issued.push(name);
  };

  if (!usable('ca')) {
    await issue(
      'ca',
      '/CN=observatory',
      ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'],
      [],
    );
  }
  const signer = ['-CA', pki(dir, 'ca.crt'), '-CAkey', pki(dir, 'ca.key')];
  for (const [name, { subject, usage, names }] of Object.entries(subjects(network))) {
    if (usable(name, names)) continue;
    const extensions = ['basicConstraints=critical,CA:FALSE', `extendedKeyUsage=${usage}`];
    if (names) extensions.push(`subjectAltName=${names.join(',')}`);
    await issue(name, subject, extensions, signer);
  }
  if (!existsSync(pki(dir, 'sa.pub'))) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    writeFileSync(pki(dir, 'sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    writeFileSync(pki(dir, 'sa.pub'), createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));
  }
  return issued;
}
