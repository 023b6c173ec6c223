import type { Rule, RuleGroup } from '../../../components/contracts';
import { alert } from '../../alert';

const CLAIM = '{{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }}';

/** Space and inodes of mounted claims, from the kubelet. */
export function volumeUseRules(): RuleGroup {
  return {
    name: 'volumes',
    rules: [
      ...fillingUp({
        name: 'KubePersistentVolumeFillingUp',
        free: 'kubelet_volume_stats_available_bytes{job="kubelet"}',
        size: 'kubelet_volume_stats_capacity_bytes{job="kubelet"}',
        unit: 'space',
      }),
      ...fillingUp({
        name: 'KubePersistentVolumeInodesFillingUp',
        free: 'kubelet_volume_stats_inodes_free{job="kubelet"}',
        size: 'kubelet_volume_stats_inodes{job="kubelet"}',
        unit: 'inodes',
      }),
    ],
  };
}

/** Claims and volumes that do not come together. Needs kube-state-metrics. */
export function volumeStatusRules(): RuleGroup {
  return {
    name: 'volume-status',
    rules: [
      alert('KubePersistentVolumeClaimNotBound', {
        severity: 'warning',
        expr: 'kube_persistentvolumeclaim_status_phase{job="kube-state-metrics",phase=~"Pending|Lost"} == 1',
        for: '15m',
        summary: 'A claim has no volume.',
        description: `Claim ${CLAIM} has been {{ $labels.phase }} for 15 minutes.`,
      }),
      alert('KubePersistentVolumeFailed', {
        severity: 'critical',
        expr: 'kube_persistentvolume_status_phase{job="kube-state-metrics",phase="Failed"} == 1',
        for: '5m',
        summary: 'A volume failed to be reclaimed.',
        description: 'Volume {{ $labels.persistentvolume }} is in the phase Failed.',
      }),
    ],
  };
}

/**
 * A volume that is full within four days at the pace of the last six hours, and one that has 3 % left. Stores delete
 * in steps, so a trend counts only once four fifths are used.
 */
function fillingUp({ name, ...on }: { name: string; free: string; size: string; unit: string }): Rule[] {
  // a volume shared by several nodes is one volume
  const by = 'by (namespace, persistentvolumeclaim)';
  const left = `min ${by} (${on.free} / ${on.size})`;
  return [
    alert(name, {
      severity: 'warning',
      expr: `${left} < 0.2 and min ${by} (predict_linear(${on.free}[6h], 4 * 86400)) < 0`,
      for: '1h',
      summary: `A volume is expected to run out of ${on.unit} within four days.`,
      description: `Claim ${CLAIM} has {{ $value | humanizePercentage }} of its ${on.unit} left and is full within four days at this pace.`,
    }),
    alert(name, {
      severity: 'critical',
      expr: `${left} < 0.03`,
      for: '1m',
      summary: `A volume is nearly out of ${on.unit}.`,
      description: `Claim ${CLAIM} has {{ $value | humanizePercentage }} of its ${on.unit} left.`,
    }),
  ];
}
