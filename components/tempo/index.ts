import type * as pulumi from '@pulumi/pulumi';
import { Component, type Context, toYaml } from '../component';
import { type Datasource, METRICS_PORT, type OtlpBackend } from '../contracts';
import { httpProbe, type Resources } from '../workload';
import { DATA_PATH, tempoConfig } from './config';

/** Settings of {@link Tempo}. */
export interface TempoArgs {
  resources: Resources;
  /** Size of its volume, e.g. `20Gi`. */
  volumeSize: string;
  /** How long traces are kept, e.g. `3d`. */
  retention: string;
}

const HTTP_PORT = 3200;
const OTLP_PORT = 4317;

/**
 * The store for traces: one Tempo 3 process with its blocks on its volume. It takes OTLP over gRPC and answers
 * TraceQL.
 *
 * @see https://grafana.com/docs/tempo/latest/
 */
export class Tempo extends Component {
  readonly otlp: OtlpBackend;
  readonly datasource: Datasource;

  constructor(context: Context, args: TempoArgs, opts: pulumi.ComponentResourceOptions) {
    super('Tempo', 'tempo', context, opts);
    const config = this.configFiles('config', {
      'tempo.yaml': toYaml(tempoConfig({ memory: args.resources.memory, retention: args.retention })),
    });
    const ports = [
      { name: METRICS_PORT, port: HTTP_PORT },
      { name: 'otlp-grpc', port: OTLP_PORT },
    ];
    this.service(ports);
    this.statefulSet(
      {
        image: context.image('tempo'),
        args: ['-config.file=/etc/tempo/tempo.yaml'],
        ports,
        probes: {
          // answers while blocks are read back from the write-ahead log; /ready does not
          startup: httpProbe('/status/services', METRICS_PORT, { periodSeconds: 2, failureThreshold: 60 }),
          readiness: httpProbe('/ready', METRICS_PORT),
          liveness: httpProbe('/status/services', METRICS_PORT, { failureThreshold: 6 }),
        },
        resources: args.resources,
        uid: 10001,
        mounts: [
          { path: '/etc/tempo', config: config.name },
          { path: DATA_PATH, data: 'data' },
        ],
        configHash: config.hash,
        serviceAccount: this.serviceAccount(),
        // live traces are in the write-ahead log within seconds; its query frontend may wait for ever
        terminationGracePeriodSeconds: 60,
      },
      args.volumeSize,
    );
    const host = `tempo.${context.namespace}.svc`;
    this.otlp = { name: 'tempo', signal: 'traces', protocol: 'grpc', endpoint: `${host}:${OTLP_PORT}` };
    this.datasource = { type: 'tempo', url: `http://${host}:${HTTP_PORT}` };
    this.registerOutputs();
  }
}
