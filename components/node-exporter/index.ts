import type * as pulumi from '@pulumi/pulumi';
import { Component, contentHash, type Context } from '../component';
import { METRICS_PORT } from '../contracts';
import { httpProbe, type Resources } from '../workload';
import { nodeExporterArguments, PORT, ROOT_PATH } from './config';

/** Settings of {@link NodeExporter}. */
export interface NodeExporterArgs {
  resources: Resources;
}

/**
 * node-exporter on every node: its processors, memory, disks, file systems and network. It shares the node's
 * network and process table and sees its root read-only, as a user without rights.
 *
 * @see https://prometheus.io/docs/guides/node-exporter/
 */
export class NodeExporter extends Component {
  constructor(context: Context, { resources }: NodeExporterArgs, opts: pulumi.ComponentResourceOptions) {
    super('NodeExporter', 'node-exporter', context, opts);
    const args = nodeExporterArguments();
    this.daemonSet({
      image: context.image('node-exporter'),
      args,
      ports: [{ name: METRICS_PORT, port: PORT }],
      probes: {
        startup: httpProbe('/', METRICS_PORT, { periodSeconds: 2, failureThreshold: 30 }),
        readiness: httpProbe('/', METRICS_PORT),
        liveness: httpProbe('/', METRICS_PORT, { failureThreshold: 6 }),
      },
      resources,
      uid: 65534,
      mounts: [{ path: ROOT_PATH, host: '/', propagation: 'HostToContainer' }],
      configHash: contentHash(args),
      serviceAccount: this.serviceAccount(),
      node: { hostNetwork: true, hostPID: true },
    });
    this.registerOutputs();
  }
}
