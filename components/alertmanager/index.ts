import type * as pulumi from '@pulumi/pulumi';
import { Component, type Context, toYaml } from '../component';
import { METRICS_PORT, type AlertTarget, type Datasource } from '../contracts';
import { httpProbe, type Resources } from '../workload';
import { alertmanagerConfig } from './config';

export interface AlertmanagerArgs {
  resources: Resources;
  /** Size of the volume for silences and the notification log, e.g. `1Gi`. */
  volumeSize: string;
}

const PORT = 9093;
const CONFIG_PATH = '/etc/alertmanager/config';
const DATA_PATH = '/alertmanager';

/**
 * Alertmanager: groups, inhibits and silences what Prometheus reports.
 *
 * @see https://prometheus.io/docs/alerting/latest/alertmanager/
 */
export class Alertmanager extends Component {
  readonly alertTarget: AlertTarget;
  readonly datasource: Datasource;

  constructor(context: Context, args: AlertmanagerArgs, opts: pulumi.ComponentResourceOptions) {
    super('Alertmanager', 'alertmanager', context, opts);
    const url = `http://${this.component}.${context.namespace}.svc:${PORT}`;
    this.alertTarget = { dnsName: `${this.component}-headless.${context.namespace}.svc`, port: PORT };
    this.datasource = { type: 'alertmanager', url };

    const config = this.configFiles('config', {
      'alertmanager.yaml': toYaml(alertmanagerConfig()),
    });
    const ports = [{ name: METRICS_PORT, port: PORT }];
    this.service(ports);
    this.statefulSet(
      {
        image: context.image('alertmanager'),
        args: [
          `--config.file=${CONFIG_PATH}/alertmanager.yaml`,
          `--storage.path=${DATA_PATH}`,
          `--web.external-url=${url}`,
          // one replica: no gossip
          '--cluster.listen-address=',
        ],
        ports,
        probes: {
          startup: httpProbe('/-/ready', METRICS_PORT, { periodSeconds: 2, failureThreshold: 30 }),
          readiness: httpProbe('/-/ready', METRICS_PORT),
          liveness: httpProbe('/-/healthy', METRICS_PORT),
        },
        resources: args.resources,
        uid: 65534,
        mounts: [
          { path: CONFIG_PATH, config: config.name },
          { path: DATA_PATH, data: 'data' },
        ],
        configHash: config.hash,
        serviceAccount: this.serviceAccount(),
      },
      args.volumeSize,
    );
    this.registerOutputs();
  }
}
