import type * as pulumi from '@pulumi/pulumi';
import { Component, contentHash, type Context, toYaml } from '../component';
import { METRICS_PORT, type Datasource, type RuleGroup } from '../contracts';
import { httpProbe, type Resources } from '../workload';
import { prometheusConfig, ruleFiles, RULES_PATH, type PrometheusSettings } from './config';

export interface PrometheusArgs extends PrometheusSettings {
  resources: Resources;
  /** Size of the data volume, e.g. `20Gi`. */
  volumeSize: string;
  /** Groups of rules by the name of their file, which ends in `.yaml`. */
  ruleFiles: Record<string, RuleGroup[]>;
}

const PORT = 9090;
const CONFIG_PATH = '/etc/prometheus/config';
const DATA_PATH = '/prometheus';

/**
 * Prometheus: finds and scrapes targets through the Kubernetes API, evaluates rules, keeps samples on its volume.
 * It takes no pushes.
 *
 * @see https://prometheus.io/docs/prometheus/latest/
 */
export class Prometheus extends Component {
  readonly datasource: Datasource;

  constructor(context: Context, args: PrometheusArgs, opts: pulumi.ComponentResourceOptions) {
    super('Prometheus', 'prometheus', context, opts);
    const url = `http://${this.component}.${context.namespace}.svc:${PORT}`;
    this.datasource = { type: 'prometheus', url };

    const config = this.configFiles('config', {
      'prometheus.yaml': toYaml(prometheusConfig(args)),
    });
    const rules = this.configFiles('rules', ruleFiles(args.ruleFiles));
    const serviceAccount = this.serviceAccount([
      { apiGroups: [''], resources: ['nodes', 'pods', 'services'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
      { nonResourceURLs: ['/metrics'], verbs: ['get'] },
    ]);
    const ports = [{ name: METRICS_PORT, port: PORT }];
    this.service(ports);
    this.statefulSet(
      {
        image: context.image('prometheus'),
        args: [
          `--config.file=${CONFIG_PATH}/prometheus.yaml`,
          `--storage.tsdb.path=${DATA_PATH}`,
          `--web.external-url=${url}`,
          '--enable-feature=exemplar-storage',
        ],
        ports,
        probes: {
          // replaying the write-ahead log of a large head takes many minutes
          startup: httpProbe('/-/ready', METRICS_PORT, { failureThreshold: 180 }),
          readiness: httpProbe('/-/ready', METRICS_PORT),
          liveness: httpProbe('/-/healthy', METRICS_PORT, { failureThreshold: 6 }),
        },
        resources: args.resources,
        uid: 65534,
        mounts: [
          { path: CONFIG_PATH, config: config.name },
          { path: RULES_PATH, config: rules.name },
          { path: DATA_PATH, data: 'data' },
        ],
        configHash: contentHash([config.hash, rules.hash]),
        serviceAccount,
        apiAccess: true,
        terminationGracePeriodSeconds: 300,
      },
      args.volumeSize,
    );
    this.registerOutputs();
  }
}
