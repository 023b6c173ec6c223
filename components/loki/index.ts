import type * as pulumi from '@pulumi/pulumi';
import { Component, type Context, toYaml } from '../component';
import { type Datasource, METRICS_PORT, type OtlpBackend } from '../contracts';
import { httpProbe, type Resources } from '../workload';
import { DATA_PATH, lokiConfig } from './config';

/** Settings of {@link Loki}. */
export interface LokiArgs {
  resources: Resources;
  /** Size of its volume, e.g. `20Gi`. */
  volumeSize: string;
  /** How long log lines are kept, e.g. `7d`; 24 h at least. */
  retention: string;
}

const PORT = 3100;

/**
 * The store for logs: one Loki process with index and chunks on its volume. It takes OTLP over HTTP, and its
 * compactor deletes what is older than the retention.
 *
 * @see https://grafana.com/docs/loki/latest/
 */
export class Loki extends Component {
  readonly otlp: OtlpBackend;
  readonly datasource: Datasource;

  constructor(context: Context, args: LokiArgs, opts: pulumi.ComponentResourceOptions) {
    super('Loki', 'loki', context, opts);
    const config = this.configFiles('config', {
      'loki.yaml': toYaml(lokiConfig({ memory: args.resources.memory, retention: args.retention })),
    });
    const ports = [{ name: METRICS_PORT, port: PORT }];
    this.service(ports);
    this.statefulSet(
      {
        image: context.image('loki'),
        args: ['-config.file=/etc/loki/loki.yaml'],
        ports,
        probes: {
          // answers while the write-ahead log is replayed; /ready does not
          startup: httpProbe('/services', METRICS_PORT, { periodSeconds: 2, failureThreshold: 60 }),
          readiness: httpProbe('/ready', METRICS_PORT),
          liveness: httpProbe('/services', METRICS_PORT, { failureThreshold: 6 }),
        },
        resources: args.resources,
        uid: 10001,
        mounts: [
          { path: '/etc/loki', config: config.name },
          { path: DATA_PATH, data: 'data' },
          // the compactor writes there what it is about to delete
          { path: '/tmp', scratch: 'tmp', sizeLimit: '128Mi' },
        ],
        configHash: config.hash,
        serviceAccount: this.serviceAccount(),
        // time to flush its chunks
        terminationGracePeriodSeconds: 300,
      },
      args.volumeSize,
    );
    const url = `http://loki.${context.namespace}.svc:${PORT}`;
    this.otlp = { name: 'loki', signal: 'logs', protocol: 'http', endpoint: `${url}/otlp` };
    this.datasource = { type: 'loki', url };
    this.registerOutputs();
  }
}
