import { type Attributes, SpanKind, SpanStatusCode, TraceFlags, context, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { JaegerExporter } from '@opentelemetry/exporter-jaeger';
import { OTLPLogExporter as LogGrpc } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as LogHttp } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as MetricGrpc } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as MetricHttp } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as TraceGrpc } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as TraceHttp } from '@opentelemetry/exporter-trace-otlp-proto';
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, type LogRecordExporter, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, SimpleSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';

/** How spans can be sent to the collector's address. */
export const SPAN_PROTOCOLS: Record<string, (host: string) => SpanExporter> = {
  'OTLP gRPC': (host) => new TraceGrpc({ url: `http://${host}:4317` }),
  'OTLP HTTP': (host) => new TraceHttp({ url: `http://${host}:4318/v1/traces` }),
  'Jaeger Thrift over HTTP': (host) => new JaegerExporter({ endpoint: `http://${host}:14268/api/traces` }),
  'Jaeger Thrift over UDP': (host) => new JaegerExporter({ host, port: 6832 }),
  Zipkin: (host) => new ZipkinExporter({ url: `http://${host}:9411/api/v2/spans` }),
};

/** How metrics can be sent. */
export const METRIC_PROTOCOLS: Record<string, (host: string) => PushMetricExporter> = {
  'OTLP gRPC': (host) => new MetricGrpc({ url: `http://${host}:4317` }),
  'OTLP HTTP': (host) => new MetricHttp({ url: `http://${host}:4318/v1/metrics` }),
};

/** How logs can be sent. */
export const LOG_PROTOCOLS: Record<string, (host: string) => LogRecordExporter> = {
  'OTLP gRPC': (host) => new LogGrpc({ url: `http://${host}:4317` }),
  'OTLP HTTP': (host) => new LogHttp({ url: `http://${host}:4318/v1/logs` }),
};

const resource = (service: string) =>
  resourceFromAttributes({ 'service.name': service, 'service.namespace': 'e2e' });

/** Sends a request's span with one child that failed; returns the trace id. */
export async function sendTrace(
  exporter: SpanExporter,
  service: string,
  attributes: Attributes,
): Promise<string> {
  const provider = new BasicTracerProvider({
    resource: resource(service),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('e2e');
  const request = tracer.startSpan('GET /grade', { kind: SpanKind.SERVER, attributes });
  const child = tracer.startSpan('compile', {}, trace.setSpan(context.active(), request));
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'time-out' });
  child.end();
  request.end();
  await provider.forceFlush();
  await provider.shutdown();
  return request.spanContext().traceId;
}

/** Sends a counter of one series with this value. */
export async function sendCounter(
  exporter: PushMetricExporter,
  service: string,
  value: number,
): Promise<void> {
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ resource: resource(service), readers: [reader] });
  provider.getMeter('e2e').createCounter('e2e.requests').add(value);
  await provider.forceFlush();
  await provider.shutdown();
}

/** Sends a log line that belongs to a trace. */
export async function sendLog(
  exporter: LogRecordExporter,
  service: string,
  body: string,
  traceId: string,
): Promise<void> {
  const provider = new LoggerProvider({
    resource: resource(service),
    processors: [new SimpleLogRecordProcessor({ exporter })],
  });
  const spanContext = { traceId, spanId: '00f067aa0ba902b7', traceFlags: TraceFlags.SAMPLED };
  provider.getLogger('e2e').emit({
    severityNumber: SeverityNumber.INFO,
    severityText: 'INFO',
    body,
    context: trace.setSpanContext(context.active(), spanContext),
  });
  await provider.forceFlush();
  await provider.shutdown();
}
