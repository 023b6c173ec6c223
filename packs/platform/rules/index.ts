import type { PackContext, RuleGroup } from '../../../components/contracts';
import { alertmanagerRules } from './alertmanager';
import { collectorRules, spanRules } from './collector';
import { generalRules } from './general';
import { grafanaRules } from './grafana';
import { jaegerRules } from './jaeger';
import { lokiRules } from './loki';
import { prometheusRules } from './prometheus';
import { tempoRules } from './tempo';

/** Alerts and recordings for the platform itself, for the components that the stack deploys. */
export function platformRules(context: PackContext): RuleGroup[] {
  const optional = { tempo: tempoRules, jaeger: jaegerRules, grafana: grafanaRules };
  return [
    generalRules(context),
    collectorRules(context),
    spanRules(),
    prometheusRules(),
    alertmanagerRules(),
    lokiRules(),
    ...Object.entries(optional)
      .filter(([component]) => context.components.includes(component))
      .map(([, rules]) => rules()),
  ];
}
