import { ApiError, type Cluster } from './provider/cluster';

/** A sample of an instant query: labels and value. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** A log line with its labels and structured metadata. */
export interface LogLine {
  labels: Record<string, string>;
  line: string;
}

/** A span as the stores tell it. */
export interface Span {
  traceId: string;
  spanId: string;
  service: string;
  operation: string;
  /** Attributes of the span and of its resource. */
  tags: Record<string, string>;
}

type Query = Record<string, string>;

const HOUR = 3600;

/** The stores' own query APIs, reached through the API server's proxy to their Services. */
export class Stores {
  constructor(
    private readonly cluster: Cluster,
    private readonly namespace: string,
  ) {}

  /** GET of a Service's HTTP API; throws an `ApiError` when it does not succeed. */
  async get<T>(service: string, port: number, path: string, query: Query = {}): Promise<T> {
    const proxy = `/api/v1/namespaces/${this.namespace}/services/${service}:${port}/proxy`;
    return this.cluster.json<T>('GET', proxy + path, { query });
  }

  /** A PromQL instant query. @see https://prometheus.io/docs/prometheus/latest/querying/api/ */
  metrics(query: string): Promise<Sample[]> {
    return this.samples('prometheus', 9090, '/api/v1/query', query);
  }

  /** Trace ids on the exemplars of a query's series in the last hour, newest first. */
  async exemplarTraceIds(query: string): Promise<string[]> {
    const { data } = await this.get<{ data: { exemplars: { labels: Query; timestamp: number }[] }[] }>(
      'prometheus',
      9090,
      '/api/v1/query_exemplars',
      { query, ...lastHour(1) },
    );
    return data
      .flatMap((series) => series.exemplars)
      .sort((a, b) => b.timestamp - a.timestamp)
      .flatMap(({ labels }) => labels.trace_id ?? []);
  }

  /** A LogQL query for lines of the last hour, newest first. @see https://grafana.com/docs/loki/latest/reference/loki-http-api/ */
  async logs(query: string, limit = 100): Promise<LogLine[]> {
    const { data } = await this.get<{ data: { result: { stream: Query; values: [string, string][] }[] } }>(
      'loki',
      3100,
      '/loki/api/v1/query_range',
      { query, limit: String(limit), ...lastHour(1e9) },
    );
    return data.result.flatMap(({ stream, values }) => values.map(([, line]) => ({ labels: stream, line })));
  }

  /** Any LogQL query over the last hour; throws when it cannot run. */
  async logRange(query: string): Promise<void> {
    await this.get('loki', 3100, '/loki/api/v1/query_range', { query, ...lastHour(1e9) });
  }

  /** A LogQL metric query at this instant. */
  logMetrics(query: string): Promise<Sample[]> {
    return this.samples('loki', 3100, '/loki/api/v1/query', query);
  }

  /** Services that Jaeger knows. */
  async jaegerServices(): Promise<string[]> {
    const { data } = await this.get<{ data: string[] | null }>('jaeger', 16686, '/api/services');
    return data ?? [];
  }

  /** Spans of traces in Jaeger; `query` as its UI's API takes it: `service`, `tags`, `limit`, … */
  async jaegerSpans(query: Query): Promise<Span[]> {
    const { data } = await this.get<{ data: JaegerTrace[] | null }>('jaeger', 16686, '/api/traces', {
      lookback: '1h',
      ...query,
    });
    return spansOf(data ?? []);
  }

  /** All spans of one trace in Jaeger; none when it does not hold the trace. */
  async jaegerTrace(traceId: string): Promise<Span[]> {
    try {
      return spansOf(
        (await this.get<{ data: JaegerTrace[] }>('jaeger', 16686, `/api/traces/${traceId}`)).data,
      );
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return [];
      throw error;
    }
  }

  /** Trace ids that a TraceQL query finds in Tempo in the last hour. @see https://grafana.com/docs/tempo/latest/api_docs/ */
  async tempoSearch(query: string, limit = 20): Promise<{ traceID: string; rootServiceName: string }[]> {
    const { traces } = await this.get<{ traces?: { traceID: string; rootServiceName: string }[] }>(
      'tempo',
      3200,
      '/api/search',
      { q: query, limit: String(limit), ...lastHour(1) },
    );
    return traces ?? [];
  }

  /** An instant query; Loki answers in Prometheus' format. */
  private async samples(service: string, port: number, path: string, query: string): Promise<Sample[]> {
    const { data } = await this.get<{ data: { result: { metric: Query; value: [number, string] }[] } }>(
      service,
      port,
      path,
      { query },
    );
    return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }
}

interface Tag {
  key: string;
  value: unknown;
}

interface JaegerTrace {
  spans: {
    traceID: string;
    spanID: string;
    operationName: string;
    processID: string;
    tags: Tag[];
  }[];
  processes: Record<string, { serviceName: string; tags?: Tag[] }>;
}

function spansOf(traces: JaegerTrace[]): Span[] {
  return traces.flatMap(({ spans, processes }) =>
    spans.map(({ traceID, spanID, operationName, processID, tags }) => ({
      traceId: traceID,
      spanId: spanID,
      service: processes[processID]?.serviceName ?? '',
      operation: operationName,
      tags: Object.fromEntries(
        [...(processes[processID]?.tags ?? []), ...tags].map(({ key, value }) => [key, String(value)]),
      ),
    })),
  );
}

/** `start` and `end` of the last hour, in units of a second divided by `scale`. */
function lastHour(scale: number): Query {
  const now = Math.floor(Date.now() / 1000);
  // digits, since nanoseconds are more than a number holds exactly
  const time = (seconds: number): string => String(BigInt(seconds) * BigInt(scale));
  return { start: time(now - HOUR), end: time(now + 60) };
}
