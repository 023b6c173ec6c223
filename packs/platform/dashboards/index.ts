import type { Dashboard, PackContext } from '../../../components/contracts';
import { alertingDashboard } from './alerting';
import { collectorDashboard } from './collector';
import { lokiDashboard } from './loki';
import { overviewDashboard } from './overview';
import { prometheusDashboard } from './prometheus';
import { serviceDashboard } from './service';
import { servicesDashboard } from './services';
import { jaegerDashboard, tempoDashboard } from './traces';

/** Dashboards of the platform itself and of every service that sends traces; a store that is not deployed has none. */
export function platformDashboards(context: PackContext): Dashboard[] {
  const has = (component: string) => context.components.includes(component);
  return [
    overviewDashboard(context),
    servicesDashboard(context),
    serviceDashboard(context),
    collectorDashboard(),
    prometheusDashboard(context),
    ...(has('loki') ? [lokiDashboard()] : []),
    ...(has('tempo') ? [tempoDashboard()] : []),
    ...(has('jaeger') ? [jaegerDashboard()] : []),
    alertingDashboard(context),
  ];
}
