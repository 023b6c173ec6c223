import type { PackContext, RuleGroup } from '../../../components/contracts';
import { kubernetesRules } from '../../../packs/kubernetes/rules';
import { platformRules } from '../../../packs/platform/rules';
import type { AlertCase, RecordingCase } from './case';
import { containerCases, containerRecordings, controlPlaneCases, volumeCases } from './cluster';
import { collectorCases, collectorRecordings } from './collector';
import { alertmanagerCases, grafanaCases } from './frontends';
import { generalCases } from './general';
import { lokiCases } from './loki';
import { nodeCases, nodeRecordings } from './nodes';
import { prometheusCases } from './prometheus';
import { jaegerCases, tempoCases } from './traces';
import { workloadCases } from './workloads';

/** A stack that deploys everything. */
export const everything: PackContext = {
  components: [
    'alertmanager',
    'collector',
    'collector-agent',
    'grafana',
    'jaeger',
    'kube-state-metrics',
    'loki',
    'node-exporter',
    'prometheus',
    'tempo',
  ],
  retention: { metrics: '7d', logs: '7d', traces: '3d' },
  scrapeInterval: '30s',
};

/** Every rule of every pack. */
export const allGroups: RuleGroup[] = [...platformRules(everything), ...kubernetesRules(everything)];

export const alertCases: AlertCase[] = [
  ...generalCases,
  ...collectorCases,
  ...prometheusCases,
  ...alertmanagerCases,
  ...lokiCases,
  ...tempoCases,
  ...jaegerCases,
  ...grafanaCases,
  ...controlPlaneCases,
  ...containerCases,
  ...volumeCases,
  ...nodeCases,
  ...workloadCases,
];

export const recordingCases: RecordingCase[] = [
  ...collectorRecordings,
  ...containerRecordings,
  ...nodeRecordings,
];
