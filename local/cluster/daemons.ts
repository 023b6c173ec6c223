import { join } from 'node:path';
import { NODE_NAME, pki } from './certificates';
import { configFile } from './configuration';
import type { Network } from './network';

/** The programs that make up the node, in the order in which they start. */
export const DAEMONS = [
  'etcd',
  'containerd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
] as const;
export type DaemonName = (typeof DAEMONS)[number];

const flags = (values: Record<string, string | number | boolean>) =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`);

/** The arguments of every daemon. Addresses are those inside the node's network namespace. */
export function daemonArguments(dir: string, network: Network): Record<DaemonName, string[]> {
  return {
    // @see https://etcd.io/docs/v3.4/op-guide/configuration/
    etcd: flags({
      name: NODE_NAME,
      'data-dir': join(dir, 'etcd'),
      'listen-client-urls': 'https://127.0.0.1:2379',
      'advertise-client-urls': 'https://127.0.0.1:2379',
      'listen-peer-urls': 'https://127.0.0.1:2380',
      'initial-advertise-peer-urls': 'https://127.0.0.1:2380',
      'initial-cluster': `${NODE_NAME}=https://127.0.0.1:2380`,
      'client-cert-auth': true,
      'trusted-ca-file': pki(dir, 'ca.crt'),
      'cert-file': pki(dir, 'etcd.crt'),
      'key-file': pki(dir, 'etcd.key'),
      'peer-client-cert-auth': true,
      'peer-trusted-ca-file': pki(dir, 'ca.crt'),
      'peer-cert-file': pki(dir, 'etcd.crt'),
      'peer-key-file': pki(dir, 'etcd.key'),
      'auto-compaction-retention': '1h',
      logger: 'zap',
    }),
    containerd: flags({ config: configFile(dir, 'containerd.toml') }),
    // @see https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
    'kube-apiserver': flags({
      'etcd-servers': 'https://127.0.0.1:2379',
      'etcd-cafile': pki(dir, 'ca.crt'),
      'etcd-certfile': pki(dir, 'etcd-client.crt'),
      'etcd-keyfile': pki(dir, 'etcd-client.key'),
      'advertise-address': network.nodeAddress,
      'secure-port': 6443,
      'service-cluster-ip-range': network.serviceCidr,
      'tls-cert-file': pki(dir, 'apiserver.crt'),
      'tls-private-key-file': pki(dir, 'apiserver.key'),
      'client-ca-file': pki(dir, 'ca.crt'),
      'authorization-mode': 'Node,RBAC',
      'enable-admission-plugins': 'NodeRestriction',
      'allow-privileged': true,
      'kubelet-certificate-authority': pki(dir, 'ca.crt'),
      'kubelet-client-certificate': pki(dir, 'kubelet-client.crt'),
      'kubelet-client-key': pki(dir, 'kubelet-client.key'),
      'kubelet-preferred-address-types': 'InternalIP',
      'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
      'service-account-key-file': pki(dir, 'sa.pub'),
      'service-account-signing-key-file': pki(dir, 'sa.key'),
      'tracing-config-file': configFile(dir, 'apiserver-tracing.yaml'),
      // It waits for progress notifications of the watch, which etcd has from 3.4.25 on.
      'feature-gates': 'SizeBasedListCostEstimate=false',
    }),
    'kube-controller-manager': flags({
      kubeconfig: configFile(dir, 'controller-manager.kubeconfig'),
      'bind-address': '127.0.0.1',
      'leader-elect': false,
      'use-service-account-credentials': true,
      'service-account-private-key-file': pki(dir, 'sa.key'),
      'root-ca-file': pki(dir, 'ca.crt'),
    }),
    'kube-scheduler': flags({
      kubeconfig: configFile(dir, 'scheduler.kubeconfig'),
      'bind-address': '127.0.0.1',
      'leader-elect': false,
    }),
    'kube-proxy': flags({ config: configFile(dir, 'kube-proxy.yaml') }),
    kubelet: flags({
      config: configFile(dir, 'kubelet.yaml'),
      kubeconfig: configFile(dir, 'kubelet.kubeconfig'),
      'root-dir': join(dir, 'kubelet'),
      'cert-dir': join(dir, 'kubelet/pki'),
      'hostname-override': NODE_NAME,
      'node-ip': network.nodeAddress,
    }),
  };
}
