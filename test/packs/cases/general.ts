import type { AlertCase } from './case';

const others = [
  'alertmanager',
  'collector',
  'collector-agent',
  'grafana',
  'kube-state-metrics',
  'node-exporter',
  'prometheus',
  'tempo',
];
const up = Object.fromEntries(others.map((job) => [`up{job="${job}",instance="${job}-0"}`, '1x20']));

export const generalCases: AlertCase[] = [
  {
    alert: 'Watchdog',
    severity: 'none',
    fires: {
      series: {},
      at: '0m',
      alerts: [
        { labels: {}, description: 'This alert always fires. When it stops arriving, alerts do not arrive.' },
      ],
    },
    silent: 'never',
  },
  {
    alert: 'ComponentDown',
    severity: 'critical',
    fires: {
      // Loki is scraped in vain, Jaeger is not found at all
      series: { ...up, 'up{job="loki",instance="loki-0"}': '0x20' },
      at: '6m',
      alerts: [
        { labels: { job: 'jaeger' }, description: 'No pod of jaeger has answered a scrape for 5 minutes.' },
        { labels: { job: 'loki' }, description: 'No pod of loki has answered a scrape for 5 minutes.' },
      ],
    },
    silent: {
      series: {
        ...up,
        'up{job="jaeger",instance="jaeger-0"}': '1x20',
        'up{job="loki",instance="loki-0"}': '0x3 1x20',
        'up{job="node-exporter",instance="n2"}': '0x20',
      },
      at: '6m',
    },
  },
  {
    alert: 'ComponentRestarting',
    severity: 'warning',
    fires: {
      series: { 'process_start_time_seconds{job="loki",instance="loki-0"}': '1x10 2x10 3x10 4x10 5x10' },
      at: '55m',
      alerts: [
        {
          labels: { job: 'loki', instance: 'loki-0' },
          description: 'loki (loki-0) started 4 times within an hour.',
        },
      ],
    },
    silent: {
      series: { 'process_start_time_seconds{job="loki",instance="loki-0"}': '1x10 2x10 3x10 4x20' },
      at: '55m',
    },
  },
  {
    alert: 'TargetDown',
    severity: 'warning',
    fires: {
      series: {
        'up{job="shop/web",namespace="shop",instance="a"}': '0x20',
        'up{job="shop/web",namespace="shop",instance="b"}': '1x20',
      },
      at: '11m',
      alerts: [
        {
          labels: { job: 'shop/web', namespace: 'shop' },
          description: '50% of the targets of job shop/web have not answered for 10 minutes.',
        },
      ],
    },
    silent: {
      series: {
        'up{job="shop/web",namespace="shop",instance="a"}': '0x20',
        ...Object.fromEntries(
          [...'bcdefghijk'].map((name) => [`up{job="shop/web",namespace="shop",instance="${name}"}`, '1x20']),
        ),
        // ComponentDown and KubeletDown speak for these
        'up{job="loki",namespace="observatory",instance="loki-0"}': '0x20',
        'up{job="kubelet",instance="n1"}': '0x20',
      },
      at: '11m',
    },
  },
];
