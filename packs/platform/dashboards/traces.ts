import * as units from '@grafana/grafana-foundation-sdk/units';
import type { Dashboard } from '../../../components/contracts';
import { dashboard, type Row } from '../../dashboard';
import { promql, promqlNow, stat, timeseries } from '../../panels';

const TEMPO = 'job="tempo"';
const JAEGER = 'job="jaeger"';

const tempoNow: Row = {
  title: 'Now',
  panels: [
    stat({
      title: 'Spans per second',
      description: 'Spans that Tempo takes.',
      unit: units.EventsPerSecond,
      query: promqlNow(`sum(rate(tempo_distributor_spans_received_total{${TEMPO}}[5m]))`),
      noValue: '0',
    }),
    stat({
      title: 'Bytes per day at this rate',
      description: 'What a day of traces weighs before compression. Compare with ingest.traces.gbPerDay.',
      unit: units.BytesSI,
      query: promqlNow(`sum(rate(tempo_distributor_bytes_received_total{${TEMPO}}[1h])) * 86400`),
      noValue: '0',
    }),
    stat({
      title: 'Spans discarded',
      description:
        'Spans in the shown time that a limit turned away; they are lost. The panel below says which limit.',
      query: promqlNow(`sum(increase(tempo_discarded_spans_total{${TEMPO}}[$__range])) or vector(0)`),
      decimals: 0,
      thresholds: { warning: 1, critical: 1000 },
    }),
    stat({
      title: 'Live traces',
      description: 'Traces still being received, held in memory.',
      unit: units.Short,
      query: promqlNow(`sum(tempo_live_store_live_traces{${TEMPO}})`),
      noValue: '0',
    }),
    stat({
      title: 'Blocks',
      description: 'Blocks that hold the stored traces. It falls when retention or compaction work.',
      unit: units.Short,
      query: promqlNow(`sum(tempodb_blocklist_length{${TEMPO}})`),
      noValue: '0',
    }),
    stat({
      title: 'Blocks expired',
      description: 'Blocks deleted in the shown time because they were older than the retention.',
      query: promqlNow(`sum(increase(tempodb_retention_deleted_total{${TEMPO}}[$__range]))`),
      decimals: 0,
      noValue: '0',
    }),
  ],
};

const tempoWrite: Row = {
  title: 'Ingestion',
  panels: [
    timeseries({
      title: 'Spans received and discarded',
      description:
        'Discarded ones by limit: rate_limited and live_traces_exceeded mean too much, trace_too_large one endless trace.',
      unit: units.EventsPerSecond,
      queries: [
        promql(`sum(rate(tempo_distributor_spans_received_total{${TEMPO}}[$__rate_interval]))`, 'received'),
        promql(
          `sum by (reason) (rate(tempo_discarded_spans_total{${TEMPO}}[$__rate_interval]))`,
          'discarded: {{reason}}',
        ),
      ],
    }),
    timeseries({
      title: 'Live traces',
      description: 'Traces in memory that still grow. Memory follows this figure.',
      unit: units.Short,
      min: 0,
      queries: [promql(`sum(tempo_live_store_live_traces{${TEMPO}})`, 'live')],
    }),
    timeseries({
      title: 'Waiting for back pressure',
      description: 'Time that ingestion waited, by reason. Steadily above zero, Tempo cannot keep up.',
      unit: units.Seconds,
      queries: [
        promql(
          `sum by (reason) (rate(tempo_live_store_back_pressure_seconds_total{${TEMPO}}[$__rate_interval]))`,
          '{{reason}}',
        ),
      ],
      noValue: 'none',
    }),
  ],
};

const tempoStorage: Row = {
  title: 'Storage, retention and queries',
  panels: [
    timeseries({
      title: 'Blocks flushed',
      description:
        'Blocks that went to storage, and those that failed. Failures: the volume is full or broken.',
      unit: units.Short,
      queries: [
        promql(
          `sum(increase(tempo_live_store_local_blocks_flushed_total{${TEMPO}}[$__rate_interval]))`,
          'flushed',
        ),
        promql(
          `sum(increase(tempo_live_store_local_failed_flushes_total{${TEMPO}}[$__rate_interval]))`,
          'failed to flush',
        ),
        promql(
          `sum(increase(tempo_live_store_failed_completions_total{${TEMPO}}[$__rate_interval]))`,
          'failed to complete',
        ),
      ],
    }),
    timeseries({
      title: 'Retention and compaction',
      description:
        'Blocks marked, deleted and compacted, and errors meanwhile. Without deletions the volume fills.',
      unit: units.Short,
      queries: [
        promql(`sum(increase(tempodb_retention_deleted_total{${TEMPO}}[$__rate_interval]))`, 'deleted'),
        promql(`sum(increase(tempodb_compaction_blocks_total{${TEMPO}}[$__rate_interval]))`, 'compacted'),
        promql(
          `sum(increase(tempodb_retention_errors_total{${TEMPO}}[$__rate_interval]))`,
          'retention errors',
        ),
        promql(
          `sum(increase(tempodb_compaction_errors_total{${TEMPO}}[$__rate_interval]))`,
          'compaction errors',
        ),
      ],
    }),
    timeseries({
      title: 'Queries by outcome',
      description: 'Searches and look-ups of traces, by operation and result.',
      unit: units.RequestsPerSecond,
      queries: [
        promql(
          `sum by (op, result) (rate(tempo_query_frontend_queries_total{${TEMPO}}[$__rate_interval]))`,
          '{{op}} {{result}}',
        ),
      ],
      noValue: 'no queries',
    }),
  ],
};

/** Tempo's own health: what it takes, discards, writes and deletes. */
export function tempoDashboard(): Dashboard {
  return dashboard({
    uid: 'platform-tempo',
    title: 'Tempo',
    description: 'What Tempo takes, discards, writes and deletes.',
    tag: 'platform',
    rows: [tempoNow, tempoWrite, tempoStorage],
  });
}

const jaegerSummary: Row = {
  title: 'Now',
  panels: [
    stat({
      title: 'Spans per second',
      description: 'Spans that Jaeger takes from the collector.',
      unit: units.EventsPerSecond,
      query: promqlNow(`sum(rate(otelcol_receiver_accepted_spans_total{${JAEGER}}[5m]))`),
      noValue: '0',
      width: 6,
    }),
    stat({
      title: 'Spans refused',
      description:
        'Spans in the shown time that Jaeger turned away. The collector keeps them in its queue and tries again.',
      query: promqlNow(
        `sum(increase(otelcol_receiver_refused_spans_total{${JAEGER}}[$__range])) or vector(0)`,
      ),
      decimals: 0,
      thresholds: { warning: 1, critical: 1000 },
      width: 6,
    }),
    stat({
      title: 'Spans not stored',
      description: 'Spans in the shown time that could not be written to the volume: full, or broken.',
      query: promqlNow(
        `sum(increase(otelcol_exporter_send_failed_spans_total{${JAEGER}}[$__range])) or vector(0)`,
      ),
      decimals: 0,
      thresholds: { warning: 1, critical: 1000 },
      width: 6,
    }),
    stat({
      title: 'Memory',
      description: 'Resident memory. Badger keeps its tables in memory, so it grows with the stored traces.',
      unit: units.BytesIEC,
      query: promqlNow(`max(otelcol_process_memory_rss_bytes{${JAEGER}})`),
      width: 6,
    }),
  ],
};

const jaegerDetails: Row = {
  title: 'Writes and queries',
  panels: [
    timeseries({
      title: 'Spans taken and stored',
      description:
        'Spans received, stored, refused and failed. Taken but not stored: the volume is full or slow.',
      unit: units.EventsPerSecond,
      queries: [
        promql(`sum(rate(otelcol_receiver_accepted_spans_total{${JAEGER}}[$__rate_interval]))`, 'received'),
        promql(`sum(rate(otelcol_receiver_refused_spans_total{${JAEGER}}[$__rate_interval]))`, 'refused'),
        promql(`sum(rate(otelcol_exporter_sent_spans_total{${JAEGER}}[$__rate_interval]))`, 'stored'),
        promql(`sum(rate(otelcol_exporter_send_failed_spans_total{${JAEGER}}[$__rate_interval]))`, 'failed'),
      ],
    }),
    timeseries({
      title: 'Reads by outcome',
      description: 'Reads from storage by operation and result.',
      unit: units.RequestsPerSecond,
      queries: [
        promql(
          `sum by (operation, result) (rate(jaeger_storage_requests_total{${JAEGER}}[$__rate_interval]))`,
          '{{operation}} {{result}}',
        ),
      ],
      noValue: 'no queries',
    }),
    timeseries({
      title: 'Read duration (p95)',
      description: 'How long reads from storage take. Wide searches over many tags are slow.',
      unit: units.Seconds,
      min: 0,
      thresholds: { warning: 2, critical: 10 },
      queries: [
        promql(
          `histogram_quantile(0.95, sum by (le, operation) (rate(jaeger_storage_latency_seconds_bucket{${JAEGER}}[$__rate_interval])))`,
          '{{operation}}',
        ),
      ],
      noValue: 'no queries',
    }),
  ],
};

/** Jaeger's own health: what it takes, stores and answers. */
export function jaegerDashboard(): Dashboard {
  return dashboard({
    uid: 'platform-jaeger',
    title: 'Jaeger',
    description: 'What Jaeger takes, stores and answers.',
    tag: 'platform',
    rows: [jaegerSummary, jaegerDetails],
  });
}
