import { existsSync, readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import execa from 'execa';
import { writeWhole } from './files';
import { inNamespaces, namespaceFile } from './namespaces';

/** Addresses and names of one embedded cluster, all derived from its subnet. */
export interface Network {
  /** The /16 that the cluster owns, e.g. `10.213.0.0/16`. */
  subnet: string;
  /** Name of the cgroup, of the CNI network and of the nftables table, e.g. `observatory-10-213`. */
  id: string;
  /** The machine's end of the link to the node, at most 15 characters. */
  link: string;
  /** Address of the machine on that link. */
  hostAddress: string;
  /** Address of the node: API server (6443), kubelet (10250). */
  nodeAddress: string;
  serviceCidr: string;
  podCidr: string;
  /** ClusterIP of the API server. */
  apiServerAddress: string;
  /** ClusterIP of the cluster's DNS. */
  dnsAddress: string;
  /** ClusterIP that is kept for the collector, where API server and kubelet send their traces. */
  collectorAddress: string;
}

const DEFAULT_SUBNET = '10.213.0.0/16';
const SECOND_SUBNET = '10.214.0.0/16';

/**
 * The network of a cluster.
 * @param subnet a private /16; defaults to `$OBSERVATORY_SUBNET`, then to 10.213.0.0/16
 * @throws when the subnet is no /16 network address
 */
export function networkOf(subnet = process.env['OBSERVATORY_SUBNET'] ?? DEFAULT_SUBNET): Network {
  const [address = '', prefix] = subnet.split('/');
  const [a, b, c, d] = address.split('.');
  if (!isIPv4(address) || prefix !== '16' || c !== '0' || d !== '0') {
    throw new Error(
      `OBSERVATORY_SUBNET "${subnet}" is not a /16 network; give one such as ${DEFAULT_SUBNET}`,
    );
  }
  const net = `${a}.${b}`;
  return {
    subnet,
    id: `observatory-${a}-${b}`,
    link: `obs-${a}-${b}`,
    hostAddress: `${net}.0.1`,
    nodeAddress: `${net}.0.2`,
    serviceCidr: `${net}.1.0/24`,
    podCidr: `${net}.2.0/24`,
    apiServerAddress: `${net}.1.1`,
    dnsAddress: `${net}.1.10`,
    collectorAddress: `${net}.1.11`,
  };
}

const subnetFile = (dir: string) => join(dir, 'subnet');

/** The network that the cluster in a folder was made with, as long as its data is there. */
export function rememberedNetwork(dir: string): Network | undefined {
  return existsSync(subnetFile(dir)) ? networkOf(readFileSync(subnetFile(dir), 'utf8')) : undefined;
}

/** Keeps the network with the cluster's data, which is full of its addresses. */
export function rememberNetwork(dir: string, { subnet }: Network): void {
  writeWhole(subnetFile(dir), subnet);
}

/**
 * The network to start the cluster in a folder with: the one that it was made with, else a new one.
 * @throws when `$OBSERVATORY_SUBNET` wants another than the cluster was made with, or is none
 */
export function networkOfCluster(dir: string): Network {
  const remembered = rememberedNetwork(dir);
  const wanted = process.env['OBSERVATORY_SUBNET'];
  if (remembered && wanted && wanted !== remembered.subnet) {
    throw new Error(
      `OBSERVATORY_SUBNET is ${wanted}, but the cluster in ${dir} was made with ${remembered.subnet}; ` +
        'unset it, or remove the cluster with all its data first (npm run clean)',
    );
  }
  return remembered ?? networkOf();
}

/** What to do when a subnet is in use. */
export const chooseAnother = (subnet: string) =>
  `choose another /16, for example OBSERVATORY_SUBNET=${subnet === SECOND_SUBNET ? DEFAULT_SUBNET : SECOND_SUBNET}`;

/** @throws when another cluster of this machine has the subnet; only for one whose own namespaces are not there */
export function refuseForeign({ subnet, link }: Network): void {
  if (!existsSync(`/sys/class/net/${link}`)) return;
  throw new Error(
    `the subnet ${subnet} is another cluster's (there is an interface ${link}); ` +
      `stop that one, or ${chooseAnother(subnet)}`,
  );
}

/** Deletes a table whether it exists or not. */
const withoutTable = (id: string) => `table ip ${id}\ndelete table ip ${id}\n`;

/** nftables rules on the machine that let pods reach what the machine reaches. */
export const masquerade = ({ id, subnet, link }: Network) => `${withoutTable(id)}
table ip ${id} {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr ${subnet} oifname != "${link}" masquerade
  }
}
`;

/** Creates what is missing of the link between machine and node, the routes and the address translation. */
export async function createNetwork(dir: string, network: Network, nft: string): Promise<void> {
  const { link, hostAddress, nodeAddress, subnet } = network;
  if (!existsSync(`/sys/class/net/${link}`)) {
    const peer = ['peer', 'name', 'eth0', 'netns', namespaceFile(dir, 'net')];
    await execa('ip', ['link', 'add', link, 'type', 'veth', ...peer]);
  }
  const onMachine = [
    `address replace ${hostAddress}/30 dev ${link}`,
    `link set ${link} up`,
    `route replace ${subnet} via ${nodeAddress} dev ${link}`,
  ];
  const onNode = [
    'link set lo up',
    `address replace ${nodeAddress}/30 dev eth0`,
    'link set eth0 up',
    `route replace default via ${hostAddress}`,
  ];
  const ip = ['ip', '-batch', '-'];
  await run(ip, onMachine.join('\n'));
  await run(inNamespaces(dir, ip), onNode.join('\n'));
  await run(inNamespaces(dir, ['tee', '/proc/sys/net/ipv4/ip_forward']), '1');
  await run([nft, '-f', '-'], masquerade(network));
}

const run = ([program = '', ...args]: string[], input: string) => execa(program, args, { input });

/** Removes the link and the address translation. */
export async function deleteNetwork({ id, link }: Network, nft: string | undefined): Promise<void> {
  if (existsSync(`/sys/class/net/${link}`)) await execa('ip', ['link', 'delete', link]);
  if (nft) await run([nft, '-f', '-'], withoutTable(id));
}

/**
 * The machine's name servers that a pod can reach, i.e. without loopback stubs such as systemd-resolved's.
 */
export function upstreamNameServers(): string[] {
  const files = ['/run/systemd/resolve/resolv.conf', '/etc/resolv.conf'];
  const file = files.find((path) => existsSync(path));
  if (!file) return [];
  const servers = [...readFileSync(file, 'utf8').matchAll(/^\s*nameserver\s+(\S+)/gm)].map(
    (match) => match[1] ?? '',
  );
  return servers.filter((server) => isIPv4(server) && !server.startsWith('127.'));
}
