import type * as pulumi from '@pulumi/pulumi';
import { Component, type Context, toYaml } from '../component';
import { type Datasource, METRICS_PORT, type OtlpBackend } from '../contracts';
import { httpProbe, type Resources } from '../workload';
import { DATA_PATH, jaegerConfig, PORTS } from './config';

/** Settings of {@link Jaeger}. */
export interface JaegerArgs {
  resources: Resources;
  /** Size of its volume, e.g. `10Gi`. */
  volumeSize: string;
  /** How long traces are kept, e.g. `3d`. */
  retention: string;
}

/**
 * A second store for traces, for what speaks Jaeger's query API: UI and API on 16686, spans in Badger on its
 * volume. Applications send to the collector, never here.
 *
 * @see https://www.jaegertracing.io/docs/latest/
 */
export class Jaeger extends Component {
  readonly otlp: OtlpBackend;
  readonly datasource: Datasource;

  constructor(context: Context, args: JaegerArgs, opts: pulumi.ComponentResourceOptions) {
    super('Jaeger', 'jaeger', context, opts);
    const config = this.configFiles('config', {
      'jaeger.yaml': toYaml(jaegerConfig({ retention: args.retention })),
    });
    const ports = [
      { name: 'query', port: PORTS.query },
      { name: 'otlp-grpc', port: PORTS.otlp },
      { name: METRICS_PORT, port: PORTS.metrics },
    ];
    this.service(ports);
    this.statefulSet(
      {
        image: context.image('jaeger'),
        args: ['--config=/etc/jaeger/jaeger.yaml'],
        ports: [...ports, { name: 'health', port: PORTS.health }],
        probes: {
          // Badger replays its log before anything listens
          startup: httpProbe('/status', 'health', { periodSeconds: 2, failureThreshold: 300 }),
          readiness: httpProbe('/status', 'health'),
          liveness: httpProbe('/status', 'health', { failureThreshold: 6 }),
        },
        resources: args.resources,
        uid: 10001,
        mounts: [
          { path: '/etc/jaeger', config: config.name },
          { path: DATA_PATH, data: 'data' },
        ],
        configHash: config.hash,
        serviceAccount: this.serviceAccount(),
        // time to close Badger
        terminationGracePeriodSeconds: 60,
      },
      args.volumeSize,
    );
    const host = `jaeger.${context.namespace}.svc`;
    this.otlp = { name: 'jaeger', signal: 'traces', protocol: 'grpc', endpoint: `${host}:${PORTS.otlp}` };
    this.datasource = { type: 'jaeger', url: `http://${host}:${PORTS.query}` };
    this.registerOutputs();
  }
}
