import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Dashboard } from '../../../components/contracts';
import { dashboard, type Row } from '../../dashboard';
import { promql, promqlNow, stat, timeseries } from '../../panels';

const JOB = 'job=~"$job"';

const SIGNALS = [
  { title: 'Traces', items: 'spans', metric: 'spans' },
  { title: 'Metrics', items: 'metric points', metric: 'metric_points' },
  { title: 'Logs', items: 'log records', metric: 'log_records' },
];

const rate = (metric: string, by: string) => `sum by (${by}) (rate(${metric}{${JOB}}[$__rate_interval]))`;

/** Items per second over all signals; a signal that never came counts as none. */
const total = (counter: string) =>
  SIGNALS.map(({ metric }) => `(sum(rate(${counter}_${metric}_total{${JOB}}[5m])) or vector(0))`).join(' + ');

/** Share of the bad in good and bad; nothing at all gives no value. */
const share = (bad: string, good: string) => `(${total(bad)}) / ((${total(bad)} + ${total(good)}) > 0)`;

const summary: Row = {
  title: 'Now',
  panels: [
    stat({
      title: 'Collectors up',
      description: 'Collectors that answer Prometheus. With none, nothing is received at all.',
      query: promqlNow(`sum(up{${JOB}})`),
      thresholds: { warning: 1, critical: 0.5 },
      noValue: '0',
    }),
    stat({
      title: 'Uptime of the youngest',
      description:
        'Minutes here mean that a collector restarts: look for “out of memory” in its pod’s state.',
      unit: units.Seconds,
      query: promqlNow(`min(otelcol_process_uptime_seconds_total{${JOB}})`),
      thresholds: { warning: 600, critical: 120 },
    }),
    stat({
      title: 'Refused',
      description:
        'Share of what was offered that was turned away, mostly by the memory limiter. Senders try again for a while, then drop.',
      unit: units.PercentUnit,
      decimals: 2,
      query: promqlNow(share('otelcol_receiver_refused', 'otelcol_receiver_accepted')),
      thresholds: { warning: 0.001, critical: 0.01 },
      noValue: 'nothing offered',
    }),
    stat({
      title: 'Failed to send',
      description: 'Share of what was to go to the stores that a store refused for good: it is lost.',
      unit: units.PercentUnit,
      decimals: 2,
      query: promqlNow(share('otelcol_exporter_send_failed', 'otelcol_exporter_sent')),
      thresholds: { warning: 0.001, critical: 0.01 },
      noValue: 'nothing sent',
    }),
    stat({
      title: 'Fullest queue',
      description:
        'Fill of the fullest export queue. When it is full, senders are turned away: its store is down or too slow.',
      unit: units.PercentUnit,
      query: promqlNow(`max(otelcol_exporter_queue_size{${JOB}} / otelcol_exporter_queue_capacity{${JOB}})`),
      thresholds: { warning: 0.5, critical: 0.8 },
    }),
    stat({
      title: 'Largest memory',
      description:
        'Resident memory of the largest collector. The memory limiter refuses before the kernel kills.',
      unit: units.BytesIEC,
      query: promqlNow(`max(otelcol_process_memory_rss_bytes{${JOB}})`),
    }),
  ],
};

const perSignal: Row[] = SIGNALS.map(({ title, items, metric }) => ({
  title,
  panels: [
    timeseries({
      title: `${title}: received`,
      description: `${items} accepted, by receiver and transport. A sudden gap means that a sender or the network stopped.`,
      unit: units.EventsPerSecond,
      queries: [
        promql(
          rate(`otelcol_receiver_accepted_${metric}_total`, 'receiver, transport'),
          '{{receiver}} {{transport}}',
        ),
      ],
    }),
    timeseries({
      title: `${title}: refused or failed on receipt`,
      description: `${items} turned away: refused ones by back pressure (memory, full queues), failed ones by an error in the collector.`,
      unit: units.EventsPerSecond,
      queries: [
        promql(rate(`otelcol_receiver_refused_${metric}_total`, 'receiver'), 'refused {{receiver}}'),
        promql(rate(`otelcol_receiver_failed_${metric}_total`, 'receiver'), 'failed {{receiver}}'),
      ],
      noValue: 'none',
    }),
    timeseries({
      title: `${title}: sent and failed`,
      description: `${items} handed to each store. Failed ones the store refused for good: they are lost. Those that found no room in the queue stay with their sender, which repeats them for a while.`,
      unit: units.EventsPerSecond,
      queries: [
        promql(rate(`otelcol_exporter_sent_${metric}_total`, 'exporter'), 'sent {{exporter}}'),
        promql(rate(`otelcol_exporter_send_failed_${metric}_total`, 'exporter'), 'failed {{exporter}}'),
        promql(
          rate(`otelcol_exporter_enqueue_failed_${metric}_total`, 'exporter'),
          'queue full {{exporter}}',
        ),
      ],
    }),
  ],
}));

const queues: Row = {
  title: 'Queues and resources',
  panels: [
    timeseries({
      title: 'Fill of the export queues',
      description: 'Share of each queue in use. It fills while a store is away and drains when it is back.',
      unit: units.PercentUnit,
      min: 0,
      max: 1,
      thresholds: { warning: 0.5, critical: 0.8 },
      queries: [
        promql(
          `max by (job, exporter, data_type) (otelcol_exporter_queue_size{${JOB}} / otelcol_exporter_queue_capacity{${JOB}})`,
          '{{job}} {{exporter}} {{data_type}}',
        ),
      ],
    }),
    timeseries({
      title: 'Memory',
      description: 'Resident memory and live heap of each collector.',
      unit: units.BytesIEC,
      min: 0,
      queries: [
        promql(`otelcol_process_memory_rss_bytes{${JOB}}`, '{{instance}} resident'),
        promql(`otelcol_process_runtime_heap_alloc_bytes{${JOB}}`, '{{instance}} heap'),
      ],
    }),
    timeseries({
      title: 'CPU',
      description: 'Cores in use by each collector.',
      unit: units.Short,
      min: 0,
      queries: [promql(`rate(otelcol_process_cpu_seconds_total{${JOB}}[$__rate_interval])`, '{{instance}}')],
    }),
  ],
};

const derived: Row = {
  title: 'Metrics made of spans',
  panels: [
    timeseries({
      title: 'Series of span metrics by service',
      description:
        'Series that span metrics cost, by service. One that explodes has unbounded span names: give its spans names without ids. Beyond 2000 combinations the rest of a service is one series.',
      unit: units.Short,
      min: 0,
      queries: [
        promql(
          'topk(10, count by (service_name) ({__name__=~"traces_span_metrics_.+"}))',
          '{{service_name}}',
        ),
      ],
      width: 12,
    }),
    timeseries({
      title: 'Applications’ series on the collector',
      description:
        'Samples that Prometheus takes from the collector’s port for the applications’ metrics in one scrape.',
      unit: units.Short,
      min: 0,
      queries: [promql('scrape_samples_scraped{job="app-metrics"}', '{{instance}}')],
      width: 12,
    }),
  ],
};

/** What goes into the collectors, what comes out, and what is lost on the way. */
export function collectorDashboard(): Dashboard {
  return dashboard({
    uid: 'platform-collector',
    title: 'Collector',
    description:
      'What goes into the collectors, what comes out, and what is lost on the way, signal by signal.',
    tag: 'platform',
    variables: [{ name: 'job', label: 'Collector', query: 'label_values(up{job=~"collector.*"}, job)' }],
    rows: [summary, ...perSignal, queues, derived],
  });
}
