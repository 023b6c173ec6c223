import type * as pulumi from '@pulumi/pulumi';
import { Component, type Context, toYaml } from '../component';
import { METRICS_PORT, type OtlpEndpoint } from '../contracts';
import { OTELCOL_PORTS } from '../otelcol';
import { httpProbe, type Resources } from '../workload';
import { agentConfig, NODE_NAME, STATE_PATH } from './config';

/** Settings of {@link CollectorAgent}. */
export interface CollectorAgentArgs {
  resources: Resources;
  /** Name of the Kubernetes cluster. */
  cluster: string;
  /** Where the collector takes OTLP. */
  otlp: OtlpEndpoint;
  /** Folder of the node where the kubelet keeps the logs of pods, e.g. `/var/log/pods`. */
  podLogsPath: string;
  /** Folder of the node for checkpoints and queues; made when it does not exist. */
  statePath: string;
}

/**
 * An OpenTelemetry Collector on every node that follows the logs of its pods and measures the node itself. It
 * runs as root, without any capability, because the kubelet's log files are root's.
 *
 * @see https://opentelemetry.io/docs/collector/deploy/agent/
 */
export class CollectorAgent extends Component {
  constructor(context: Context, args: CollectorAgentArgs, opts: pulumi.ComponentResourceOptions) {
    super('CollectorAgent', 'collector-agent', context, opts);
    const { resources, statePath, ...settings } = args;
    const config = this.configFiles('config', {
      'agent.yaml': toYaml(agentConfig({ ...settings, memory: resources.memory })),
    });
    this.daemonSet({
      image: context.image('collector'),
      // a checkpoint then means that the line is in the queue
      args: ['--config=/etc/otelcol/agent.yaml', '--feature-gates=stanza.synchronousLogEmitter'],
      fieldEnv: { [NODE_NAME]: 'spec.nodeName' },
      ports: [
        { name: METRICS_PORT, port: OTELCOL_PORTS.metrics },
        { name: 'health', port: OTELCOL_PORTS.health },
      ],
      probes: {
        startup: httpProbe('/', 'health', { periodSeconds: 2, failureThreshold: 30 }),
        readiness: httpProbe('/', 'health'),
        liveness: httpProbe('/', 'health', { failureThreshold: 6 }),
      },
      resources,
      uid: 0,
      mounts: [
        { path: '/etc/otelcol', config: config.name },
        { path: args.podLogsPath, host: args.podLogsPath },
        { path: STATE_PATH, host: statePath, writable: true, create: true },
      ],
      configHash: config.hash,
      serviceAccount: this.serviceAccount(),
    });
    this.registerOutputs();
  }
}
