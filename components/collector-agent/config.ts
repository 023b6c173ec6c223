import type { OtlpEndpoint } from '../contracts';
import { fileStorage, memoryLimiter, OTELCOL_PORTS, persistentQueue, telemetry } from '../otelcol';
import { logParsing } from './parsing';

/** What of the agent's configuration follows the stack. */
export interface AgentSettings {
  /** Memory limit of the pod, e.g. `256Mi`. */
  memory: string;
  /** Name of the Kubernetes cluster. */
  cluster: string;
  /** Where the collector takes OTLP. */
  otlp: OtlpEndpoint;
  /** Folder where the kubelet keeps the logs of pods. */
  podLogsPath: string;
}

/** Where the node's folder for checkpoints and queues is mounted. */
export const STATE_PATH = '/var/lib/otelcol';

/** Environment variable with the name of the node. */
export const NODE_NAME = 'NODE_NAME';

/** A queue that is full stops the reading: the rest waits in the files themselves. */
const QUEUE_SIZE = 64 * 2 ** 20;

// the default lets the file be validated where no node is
const node = `\${env:${NODE_NAME}:-unknown}`;
const insert = (key: string, value: string) => ({ action: 'insert', key, value });

function podLogs(podLogsPath: string) {
  return {
    // rotated files too: the rest of one may not have been read when the agent was stopped
    include: [`${podLogsPath}/*/*/*.log`, `${podLogsPath}/*/*/*.log.*`],
    exclude: ['**/*.gz', '**/*.tmp'],
    start_at: 'beginning',
    include_file_path: true,
    include_file_name: false,
    max_log_size: '1MiB',
    // the runtime splits long lines anywhere, also behind a space
    preserve_trailing_whitespaces: true,
    storage: 'file_storage',
    // a refused batch is read no further than it was sent
    retry_on_failure: { enabled: true, max_elapsed_time: '0s' },
    operators: logParsing(),
  };
}

/** The node's own figures that any of its pods can see; its file systems and interfaces are node-exporter's. */
function hostMetrics(podLogsPath: string) {
  return {
    collection_interval: '30s',
    scrapers: {
      cpu: {},
      disk: {},
      // where the node's disk is mounted into the pod
      filesystem: { include_mount_points: { match_type: 'strict', mount_points: [podLogsPath, STATE_PATH] } },
      load: {},
      memory: {},
      paging: {},
    },
  };
}

/**
 * The agent's configuration: it follows the logs of the node's pods from where it stopped, measures the node, and
 * sends both to the collector.
 *
 * @see https://opentelemetry.io/docs/platforms/kubernetes/collector/components/#filelog-receiver
 */
export function agentConfig({ memory, cluster, otlp, podLogsPath }: AgentSettings) {
  const attributes = [insert('k8s.cluster.name', cluster), insert('k8s.node.name', node)];
  return {
    extensions: {
      health_check: { endpoint: `0.0.0.0:${OTELCOL_PORTS.health}` },
      file_storage: fileStorage(`${STATE_PATH}/storage`),
    },
    receivers: {
      'file_log/pods': podLogs(podLogsPath),
      host_metrics: hostMetrics(podLogsPath),
    },
    processors: {
      memory_limiter: memoryLimiter(memory),
      'resource/pods': { attributes },
      'resource/host': {
        attributes: [
          ...attributes,
          insert('host.name', node),
          insert('service.name', 'collector-agent'),
          // the next agent of the same node continues the same series
          insert('service.instance.id', node),
        ],
      },
    },
    exporters: {
      otlp_grpc: { endpoint: otlp.grpc, tls: { insecure: true }, ...persistentQueue(QUEUE_SIZE) },
    },
    service: {
      extensions: ['health_check', 'file_storage'],
      telemetry,
      pipelines: {
        logs: {
          receivers: ['file_log/pods'],
          processors: ['memory_limiter', 'resource/pods'],
          exporters: ['otlp_grpc'],
        },
        metrics: {
          receivers: ['host_metrics'],
          processors: ['memory_limiter', 'resource/host'],
          exporters: ['otlp_grpc'],
        },
      },
    },
  };
}
