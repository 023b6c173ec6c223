import type { Dashboard, PackContext } from '../../../components/contracts';
import { clusterDashboard } from './cluster';
import { controlPlaneDashboard } from './control-plane';
import { logsDashboard } from './logs';
import { nodesDashboard } from './nodes';
import { podsDashboard } from './pods';
import { volumesDashboard } from './volumes';
import { workloadsDashboard } from './workloads';

/** Dashboards of the cluster; all but the nodes' work from what every kubelet measures. */
export function kubernetesDashboards(context: PackContext): Dashboard[] {
  const has = (component: string) => context.components.includes(component);
  return [
    clusterDashboard(context),
    ...(has('node-exporter') ? [nodesDashboard()] : []),
    workloadsDashboard(context),
    podsDashboard(context),
    volumesDashboard(),
    controlPlaneDashboard(),
    ...(has('loki') ? [logsDashboard()] : []),
  ];
}
