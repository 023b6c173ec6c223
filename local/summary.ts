import type { Stores } from './stores';

/** Counts of what the platform holds, and one trace id that is seen in two signals. */
export interface Summary {
  /** Store that the spans were read from. */
  traceStore: 'tempo' | 'jaeger';
  /** Spans of the last hour by service. */
  spans: Record<string, number>;
  /** Series now, by Prometheus job. */
  series: Record<string, number>;
  /** Log lines of the last hour by namespace. */
  logs: Record<string, number>;
  /** A trace of the store whose id stands on an exemplar in Prometheus or in a log line in Loki. */
  joined?: { traceId: string; service: string; seenIn: 'exemplar' | 'log line' };
}

const SPAN_DURATION = 'traces_span_metrics_duration_seconds_bucket';
const JOIN_CANDIDATES = 20;

/** Reads the summary back through the stores' query APIs. `deployed` names the components that are there. */
export async function summarize(stores: Stores, deployed: string[]): Promise<Summary> {
  const traceStore = deployed.includes('tempo') ? 'tempo' : 'jaeger';
  const [spans, series, logs, joined] = await Promise.all([
    traceStore === 'tempo' ? tempoSpans(stores) : jaegerSpans(stores),
    stores.metrics('count by (job) ({__name__=~".+"})').then((samples) => by('job', samples)),
    stores
      .logMetrics('sum by (k8s_namespace_name) (count_over_time({k8s_namespace_name=~".+"}[1h]))')
      .then((samples) => by('k8s_namespace_name', samples)),
    join(stores, traceStore),
  ]);
  return { traceStore, spans, series, logs, joined };
}

/** Whether all three signals are there and joined; else what is still missing. */
export function missing({ spans, series, logs, joined }: Summary): string[] {
  return [
    ...(Object.keys(spans).length > 0 ? [] : ['spans']),
    ...(Object.keys(series).length > 0 ? [] : ['series']),
    ...(Object.keys(logs).length > 0 ? [] : ['log lines']),
    ...(joined ? [] : ['a trace id in two signals']),
  ];
}

/** The summary as a table for people. */
export function formatSummary({ traceStore, spans, series, logs, joined }: Summary): string {
  const join = joined
    ? `trace ${joined.traceId} of ${joined.service}: in ${traceStore} and on ${joined.seenIn === 'exemplar' ? 'an exemplar in Prometheus' : 'a log line in Loki'}`
    : 'no trace id was seen in two signals yet';
  return [
    section(`spans by service, last hour (${traceStore})`, spans),
    section('series by job (prometheus)', series),
    section('log lines by namespace, last hour (loki)', logs),
    `joined   ${join}`,
  ].join('\n');
}

function section(title: string, counts: Record<string, number>): string {
  const rows = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const lines = rows.map(([name, count]) => `  ${String(count).padStart(9)}  ${name || '(none)'}`);
  return [title, ...(lines.length > 0 ? lines : ['  nothing yet'])].join('\n');
}

function by(
  label: string,
  samples: { labels: Record<string, string>; value: number }[],
): Record<string, number> {
  return Object.fromEntries(samples.map(({ labels, value }) => [labels[label] ?? '', value]));
}

async function jaegerSpans(stores: Stores): Promise<Record<string, number>> {
  const services = await stores.jaegerServices();
  const counts: Record<string, number> = {};
  for (const service of services) {
    const spans = await stores.jaegerSpans({ service, limit: '200' });
    counts[service] = spans.filter((span) => span.service === service).length;
  }
  return counts;
}

async function tempoSpans(stores: Stores): Promise<Record<string, number>> {
  const end = Math.floor(Date.now() / 1000);
  const { series } = await stores.get<{
    series?: { labels: { value: { stringValue?: string } }[]; value: number }[];
  }>('tempo', 3200, '/api/metrics/query', {
    q: '{} | count_over_time() by (resource.service.name)',
    start: String(end - 3600),
    end: String(end),
  });
  return Object.fromEntries(
    (series ?? []).map(({ labels, value }) => [labels[0]?.value.stringValue ?? '', value]),
  );
}

async function join(stores: Stores, traceStore: Summary['traceStore']): Promise<Summary['joined']> {
  const exemplars = await stores.exemplarTraceIds(SPAN_DURATION);
  for (const traceId of exemplars.slice(0, JOIN_CANDIDATES)) {
    const service = await serviceOf(stores, traceStore, traceId);
    if (service) return { traceId, service, seenIn: 'exemplar' };
  }
  const lines = await stores.logs('{service_name=~".+"} | trace_id != ""', JOIN_CANDIDATES);
  for (const { labels } of lines) {
    const traceId = labels.trace_id;
    const service = traceId && (await serviceOf(stores, traceStore, traceId));
    if (traceId && service) return { traceId, service, seenIn: 'log line' };
  }
  return undefined;
}

/** The root service of a trace, or undefined when the store does not hold it. */
async function serviceOf(
  stores: Stores,
  traceStore: Summary['traceStore'],
  traceId: string,
): Promise<string | undefined> {
  if (traceStore === 'tempo') {
    const [trace] = await stores.tempoSearch(`{ trace:id = "${traceId}" }`, 1);
    return trace?.rootServiceName;
  }
  const [span] = await stores.jaegerTrace(traceId);
  return span?.service;
}
