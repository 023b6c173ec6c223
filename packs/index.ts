import type { Pack, PackContext } from '../components/contracts';
import { kubernetesDashboards } from './kubernetes/dashboards';
import { kubernetesRules } from './kubernetes/rules';
import { platformDashboards } from './platform/dashboards';
import { platformRules } from './platform/rules';

/** The packs of a stack, each a folder in Grafana and a rule file in Prometheus. */
export function packs(context: PackContext): Pack[] {
  return [
    {
      name: 'platform',
      title: 'Platform',
      dashboards: platformDashboards(context),
      rules: platformRules(context),
    },
    {
      name: 'kubernetes',
      title: 'Kubernetes',
      dashboards: kubernetesDashboards(context),
      rules: kubernetesRules(context),
    },
  ];
}
