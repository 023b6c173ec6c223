import type { RuleGroup } from '../../../components/contracts';
import { alert, record } from '../../alert';

// the pod's own group has no container, its sandbox is called POD
const CONTAINER = 'job="cadvisor",container!="",container!="POD"';
const BY = 'by (namespace, pod, container)';

/** Use of CPU and memory by containers, from cAdvisor. */
export function containerRules(): RuleGroup {
  return {
    name: 'containers',
    rules: [
      record(
        'namespace:container_cpu_usage_seconds:sum_rate5m',
        `sum by (namespace) (rate(container_cpu_usage_seconds_total{${CONTAINER}}[5m]))`,
      ),
      record(
        'namespace:container_memory_working_set_bytes:sum',
        `sum by (namespace) (container_memory_working_set_bytes{${CONTAINER}})`,
      ),
      alert('KubeContainerThrottled', {
        severity: 'info',
        expr: `
          sum ${BY} (increase(container_cpu_cfs_throttled_periods_total{${CONTAINER}}[5m]))
          / sum ${BY} (increase(container_cpu_cfs_periods_total{${CONTAINER}}[5m])) > 0.5`,
        for: '15m',
        summary: 'A container is held back by its CPU limit.',
        description:
          'Container {{ $labels.container }} of pod {{ $labels.namespace }}/{{ $labels.pod }} was throttled in {{ $value | humanizePercentage }} of its periods.',
      }),
      alert('KubeContainerNearMemoryLimit', {
        severity: 'warning',
        expr: `
          max ${BY} (container_memory_working_set_bytes{${CONTAINER}})
          / max ${BY} (container_spec_memory_limit_bytes{${CONTAINER}} > 0) > 0.9`,
        for: '15m',
        summary: 'A container is about to be killed for its memory.',
        description:
          'Container {{ $labels.container }} of pod {{ $labels.namespace }}/{{ $labels.pod }} uses {{ $value | humanizePercentage }} of its memory limit.',
      }),
    ],
  };
}
