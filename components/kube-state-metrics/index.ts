import type * as pulumi from '@pulumi/pulumi';
import { Component, contentHash, type Context } from '../component';
import { METRICS_PORT } from '../contracts';
import { httpProbe, type Resources } from '../workload';
import { kubeStateMetricsArguments, PORTS, rules } from './config';

/** Settings of {@link KubeStateMetrics}. */
export interface KubeStateMetricsArgs {
  resources: Resources;
}

/**
 * kube-state-metrics: the state of the cluster's objects (pods, workloads, volumes, nodes) as metrics.
 *
 * @see https://kubernetes.io/docs/concepts/cluster-administration/kube-state-metrics/
 */
export class KubeStateMetrics extends Component {
  constructor(context: Context, { resources }: KubeStateMetricsArgs, opts: pulumi.ComponentResourceOptions) {
    super('KubeStateMetrics', 'kube-state-metrics', context, opts);
    const args = kubeStateMetricsArguments();
    const ports = [
      { name: METRICS_PORT, port: PORTS.metrics },
      { name: 'telemetry', port: PORTS.telemetry },
    ];
    this.service(ports);
    this.deployment({
      image: context.image('kube-state-metrics'),
      args,
      ports,
      probes: {
        startup: httpProbe('/healthz', METRICS_PORT, { periodSeconds: 2, failureThreshold: 30 }),
        // false while the API server cannot be reached
        readiness: httpProbe('/readyz', 'telemetry'),
        liveness: httpProbe('/livez', METRICS_PORT, { failureThreshold: 6 }),
      },
      resources,
      uid: 65534,
      configHash: contentHash(args),
      serviceAccount: this.serviceAccount(rules),
      apiAccess: true,
    });
    this.registerOutputs();
  }
}
