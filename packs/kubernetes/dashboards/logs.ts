import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Dashboard } from '../../../components/contracts';
import { dashboard } from '../../dashboard';
import { logql, logs, timeseries } from '../../panels';

const LINES =
  '{k8s_namespace_name=~"$namespace", k8s_container_name=~"$container"} | k8s_pod_name=~"$pod" | detected_level=~"$level" |~ "(?i)$search"';

/** Log lines of pods, by namespace, pod, container, level and text. */
export function logsDashboard(): Dashboard {
  return dashboard({
    uid: 'kubernetes-logs',
    title: 'Logs of pods',
    description: 'Log lines by namespace, pod, container, level and text.',
    tag: 'kubernetes',
    variables: [
      {
        name: 'namespace',
        label: 'Namespace',
        datasource: 'loki',
        query: 'label_values(k8s_namespace_name)',
      },
      {
        name: 'container',
        label: 'Container',
        datasource: 'loki',
        query: 'label_values({k8s_namespace_name=~"$namespace"}, k8s_container_name)',
      },
      {
        name: 'pod',
        label: 'Pod',
        query: 'label_values(container_memory_working_set_bytes{namespace=~"$namespace", pod!=""}, pod)',
      },
      {
        name: 'level',
        label: 'Level',
        options: ['fatal', 'critical', 'error', 'warn', 'info', 'debug', 'trace', 'unknown'],
      },
      { name: 'search', label: 'Text (regular expression)', text: '' },
    ],
    rows: [
      {
        title: 'Lines',
        panels: [
          timeseries({
            title: 'Lines by level',
            description: 'How many lines there are. A wall of errors starts where the fault started.',
            unit: units.Short,
            stacked: true,
            min: 0,
            queries: [
              logql(`sum by (detected_level) (count_over_time(${LINES} [$__auto]))`, '{{detected_level}}'),
            ],
            noValue: 'no lines',
            width: 12,
            height: 7,
          }),
          timeseries({
            title: 'Lines by container',
            description: 'Who writes most of what was chosen.',
            unit: units.Short,
            stacked: true,
            min: 0,
            queries: [
              logql(
                `topk(10, sum by (k8s_namespace_name, k8s_container_name) (count_over_time(${LINES} [$__auto])))`,
                '{{k8s_namespace_name}}/{{k8s_container_name}}',
              ),
            ],
            noValue: 'no lines',
            width: 12,
            height: 7,
          }),
          logs({
            title: 'Lines',
            description:
              'Newest first. The details of a line show its pod, its node and the link to its trace.',
            query: logql(LINES),
            noValue: 'no lines',
            height: 20,
          }),
        ],
      },
    ],
  });
}
