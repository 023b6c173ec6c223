import type { PackContext, RuleGroup } from '../../../components/contracts';
import { containerRules } from './containers';
import { apiServerRules, kubeletRules } from './control-plane';
import { nodeResourceRules, nodeStatusRules } from './nodes';
import { volumeStatusRules, volumeUseRules } from './volumes';
import { podRules, workloadRules } from './workloads';

/** Alerts and recordings for the cluster: what needs a component that the stack does not deploy is left out. */
export function kubernetesRules({ components }: PackContext): RuleGroup[] {
  return [
    apiServerRules(),
    kubeletRules(),
    containerRules(),
    volumeUseRules(),
    ...(components.includes('node-exporter') ? [nodeResourceRules()] : []),
    ...(components.includes('kube-state-metrics')
      ? [nodeStatusRules(), volumeStatusRules(), podRules(), workloadRules()]
      : []),
  ];
}
