import { join } from 'node:path';
import type { KubeObject } from '../provider/objects';
import { NODE_NAME } from './certificates';

/** How many claims the cluster can hold. */
const VOLUMES = 24;
/** A local volume takes what the disk has; the capacity only decides which claims fit. */
const CAPACITY = '100Gi';

/** Name of the default StorageClass. */
export const STORAGE_CLASS = 'observatory';

/** The folder of one volume, by its number from 0. */
const volumeName = (index: number) => `observatory-${String(index).padStart(2, '0')}`;

/** The folders of all volumes. */
export const volumeFolders = (dir: string) =>
  Array.from({ length: VOLUMES }, (_, index) => join(dir, 'volumes', volumeName(index)));

/** @see https://kubernetes.io/docs/concepts/storage/volumes/#local */
export function storage(dir: string): KubeObject[] {
  const storageClass: KubeObject = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name: STORAGE_CLASS,
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  };
  const volumes = volumeFolders(dir).map((path, index): KubeObject => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName(index) },
    spec: {
      storageClassName: STORAGE_CLASS,
      capacity: { storage: CAPACITY },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      local: { path },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [NODE_NAME] }] },
          ],
        },
      },
    },
  }));
  return [storageClass, ...volumes];
}

const corefile = (nameServers: string[]) => `.:1053 {
    errors
    health
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
    }
    prometheus :9153
${nameServers.length > 0 ? `    forward . ${nameServers.join(' ')}\n` : ''}    cache 30
    reload
}
`;

/**
 * The cluster's DNS: Service `kube-dns` in `kube-system`.
 * @see https://coredns.io/plugins/kubernetes/
 */
export function dns(image: string, address: string, nameServers: string[]): KubeObject[] {
  const metadata = { name: 'coredns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
  const clusterMetadata = { name: 'system:coredns' };
  const list = (apiGroups: string[], resources: string[]) => ({
    apiGroups,
    resources,
    verbs: ['list', 'watch'],
  });
  const probe = (path: string, port: number) => ({ httpGet: { path, port }, periodSeconds: 5 });
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: clusterMetadata,
      rules: [list([''], ['services', 'pods', 'namespaces']), list(['discovery.k8s.io'], ['endpointslices'])],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: clusterMetadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterMetadata.name },
      subjects: [{ kind: 'ServiceAccount', name: metadata.name, namespace: metadata.namespace }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: corefile(nameServers) } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: metadata.labels },
        template: {
          metadata: { labels: metadata.labels },
          spec: {
            serviceAccountName: metadata.name,
            priorityClassName: 'system-cluster-critical',
            dnsPolicy: 'Default',
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 65532,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            containers: [
              {
                name: 'coredns',
                image,
                imagePullPolicy: 'IfNotPresent',
                args: ['-conf', '/etc/coredns/Corefile'],
                ports: [
                  { name: 'dns', containerPort: 1053, protocol: 'UDP' },
                  { name: 'dns-tcp', containerPort: 1053, protocol: 'TCP' },
                  { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
                ],
                resources: { requests: { cpu: '50m', memory: '70Mi' }, limits: { memory: '170Mi' } },
                readinessProbe: probe('/ready', 8181),
                livenessProbe: { ...probe('/health', 8080), failureThreshold: 6 },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ['ALL'] },
                  readOnlyRootFilesystem: true,
                },
                volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
              },
            ],
            volumes: [{ name: 'config', configMap: { name: metadata.name } }],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        ...metadata,
        name: 'kube-dns',
        annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9153' },
      },
      spec: {
        clusterIP: address,
        selector: metadata.labels,
        ports: [
          { name: 'dns', port: 53, targetPort: 'dns', protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, targetPort: 'dns-tcp', protocol: 'TCP' },
          { name: 'metrics', port: 9153, targetPort: 'metrics', protocol: 'TCP' },
        ],
      },
    },
  ];
}
