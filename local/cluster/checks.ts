import execa from 'execa';
import type { Cluster as Api } from '../provider/cluster';
import { NODE_NAME } from './certificates';
import type { Containerd } from './index';

interface Node {
  status: { conditions?: { type: string; status: string; message: string; lastHeartbeatTime: string }[] };
}
interface Lease {
  spec: { renewTime: string };
}

/** @throws unless the node is ready and the kubelet has said anything after a time, in milliseconds */
export async function nodeIsReady(api: Api, after: number): Promise<void> {
  const { status } = await api.json<Node>('GET', `/api/v1/nodes/${NODE_NAME}`);
  const condition = status.conditions?.find(({ type }) => type === 'Ready');
  if (condition?.status !== 'True') throw new Error(condition?.message ?? 'the kubelet has not reported yet');
  if (Date.parse(condition.lastHeartbeatTime) >= after - 1000) return; // it has whole seconds
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const { spec } = await api.json<Lease>('GET', `${leases}/${NODE_NAME}`);
  if (Date.parse(spec.renewTime) < after) throw new Error('the kubelet has not renewed its lease');
}

/** @throws unless containerd answers */
export async function containerdAnswers({ ctr, address }: Containerd): Promise<void> {
  await execa(ctr, ['--address', address, 'version'], { timeout: 5000 });
}
