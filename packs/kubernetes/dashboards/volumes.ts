import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Dashboard } from '../../../components/contracts';
import { seconds } from '../../../components/units';
import { dashboard } from '../../dashboard';
import { promql, table, timeseries } from '../../panels';

const CLAIM = 'namespace=~"$namespace", persistentvolumeclaim=~"$claim"';
const BY = 'namespace, persistentvolumeclaim';
const FULL = { warning: 0.8, critical: 0.9 };

const stats = (metric: string) => `max by (${BY}) (kubelet_volume_stats_${metric}{${CLAIM}})`;

/** Room and inodes left in every claim. */
export function volumesDashboard(): Dashboard {
  return dashboard({
    uid: 'kubernetes-volumes',
    title: 'Volumes',
    description: 'Room and inodes left in every persistent volume claim, and when each is full.',
    tag: 'kubernetes',
    from: 'now-24h',
    variables: [
      {
        name: 'namespace',
        label: 'Namespace',
        query: 'label_values(kubelet_volume_stats_capacity_bytes, namespace)',
      },
      {
        name: 'claim',
        label: 'Claim',
        query:
          'label_values(kubelet_volume_stats_capacity_bytes{namespace=~"$namespace"}, persistentvolumeclaim)',
      },
    ],
    rows: [
      {
        title: 'Claims',
        panels: [
          table({
            title: 'Claims',
            description:
              'Every claim in use, and the time until it is full if it keeps filling as in the last six hours.',
            labels: { namespace: 'Namespace', persistentvolumeclaim: 'Claim' },
            columns: [
              {
                title: 'Used',
                unit: units.PercentUnit,
                thresholds: FULL,
                expr: `${stats('used_bytes')} / ${stats('capacity_bytes')}`,
              },
              { title: 'Free', unit: units.BytesIEC, expr: stats('available_bytes') },
              { title: 'Size', unit: units.BytesIEC, expr: stats('capacity_bytes') },
              {
                title: 'Inodes used',
                unit: units.PercentUnit,
                thresholds: FULL,
                expr: `${stats('inodes_used')} / (${stats('inodes')} > 0)`,
              },
              {
                title: 'Full in',
                unit: units.Seconds,
                thresholds: { warning: seconds('7d'), critical: seconds('1d') },
                expr: `${stats('available_bytes')} / (max by (${BY}) (-deriv(kubelet_volume_stats_available_bytes{${CLAIM}}[6h])) > 0)`,
              },
            ],
            noValue: 'the kubelet measures no claim',
            height: 10,
          }),
        ],
      },
      {
        title: 'Over time',
        panels: [
          timeseries({
            title: 'Used share',
            description: 'A full volume stops what writes to it. Grow it, or write less.',
            unit: units.PercentUnit,
            min: 0,
            max: 1,
            thresholds: FULL,
            queries: [
              promql(
                `${stats('used_bytes')} / ${stats('capacity_bytes')}`,
                '{{namespace}}/{{persistentvolumeclaim}}',
              ),
            ],
          }),
          timeseries({
            title: 'Free bytes',
            description: 'Room that is left.',
            unit: units.BytesIEC,
            min: 0,
            queries: [promql(stats('available_bytes'), '{{namespace}}/{{persistentvolumeclaim}}')],
          }),
          timeseries({
            title: 'Used inodes',
            description: 'Without inodes no file can be made, however much room there is.',
            unit: units.PercentUnit,
            min: 0,
            max: 1,
            thresholds: FULL,
            queries: [
              promql(
                `${stats('inodes_used')} / (${stats('inodes')} > 0)`,
                '{{namespace}}/{{persistentvolumeclaim}}',
              ),
            ],
          }),
        ],
      },
    ],
  });
}
