import type * as pulumi from '@pulumi/pulumi';
import { Component, type Context, toYaml } from '../component';
import { APPLICATION_METRICS_PORT, METRICS_PORT, type OtlpBackend, type OtlpEndpoint } from '../contracts';
import { OTELCOL_PORTS } from '../otelcol';
import { httpProbe, type Port, type Resources } from '../workload';
import { APPLICATION_METRICS, collectorConfig, DATA_PATH, RECEIVER_PORTS } from './config';

/** Settings of {@link Collector}. */
export interface CollectorArgs {
  resources: Resources;
  /** Size of the volume that holds what waits for a store, e.g. `2Gi`. */
  volumeSize: string;
  /** Name of the Kubernetes cluster, set on what does not name one. */
  cluster: string;
  /** Time between two scrapes. */
  scrapeInterval: string;
  /** Print everything that passes through. */
  debug: boolean;
  /** Fixed address of the Service, for senders without cluster DNS. */
  clusterIP?: string;
  traceBackends: OtlpBackend[];
  logBackends: OtlpBackend[];
}

const RECEIVERS: Port[] = [
  { name: 'otlp-grpc', port: RECEIVER_PORTS.otlpGrpc },
  { name: 'otlp-http', port: RECEIVER_PORTS.otlpHttp },
  { name: 'zipkin', port: RECEIVER_PORTS.zipkin },
  { name: 'jaeger-grpc', port: RECEIVER_PORTS.jaegerGrpc },
  { name: 'jaeger-http', port: RECEIVER_PORTS.jaegerHttp },
  { name: 'jaeger-compact', port: RECEIVER_PORTS.jaegerCompact, protocol: 'UDP' },
  { name: 'jaeger-binary', port: RECEIVER_PORTS.jaegerBinary, protocol: 'UDP' },
];

/**
 * The OpenTelemetry Collector as the gateway of all telemetry: applications send OTLP, Jaeger or Zipkin, it adds
 * what Kubernetes knows of the sender, sends traces and logs to their stores through queues on its volume, and
 * exposes metrics to Prometheus.
 *
 * @see https://opentelemetry.io/docs/collector/deploy/gateway/
 */
export class Collector extends Component {
  /** Where applications send OTLP. */
  readonly otlp: OtlpEndpoint;

  constructor(context: Context, args: CollectorArgs, opts: pulumi.ComponentResourceOptions) {
    super('Collector', 'collector', context, opts);
    const { resources, volumeSize, clusterIP, scrapeInterval, ...settings } = args;
    const { namespace } = context;
    const config = this.configFiles('config', {
      'collector.yaml': toYaml(
        collectorConfig({ ...settings, memory: resources.memory, volumeSize, namespace, scrapeInterval }),
      ),
    });
    this.service(RECEIVERS, { clusterIP });
    this.statefulSet(
      {
        image: context.image('collector'),
        args: ['--config=/etc/otelcol/collector.yaml'],
        ports: [
          ...RECEIVERS,
          { name: METRICS_PORT, port: OTELCOL_PORTS.metrics },
          { name: APPLICATION_METRICS_PORT, port: APPLICATION_METRICS },
          { name: 'health', port: OTELCOL_PORTS.health },
        ],
        probes: {
          // it waits for the list of pods before it takes anything
          startup: httpProbe('/', 'health', { periodSeconds: 2, failureThreshold: 60 }),
          readiness: httpProbe('/', 'health'),
          liveness: httpProbe('/', 'health', { failureThreshold: 6 }),
        },
        resources,
        uid: 10001,
        mounts: [
          { path: '/etc/otelcol', config: config.name },
          { path: DATA_PATH, data: 'data' },
        ],
        configHash: config.hash,
        serviceAccount: this.serviceAccount([
          { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
        ]),
        apiAccess: true,
      },
      volumeSize,
    );
    const host = `collector.${namespace}.svc`;
    this.otlp = {
      grpc: `http://${host}:${RECEIVER_PORTS.otlpGrpc}`,
      http: `http://${host}:${RECEIVER_PORTS.otlpHttp}`,
    };
    this.registerOutputs();
  }
}
