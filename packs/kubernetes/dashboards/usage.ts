/**
 * Expressions over what every kubelet measures (cAdvisor), so that they work without kube-state-metrics.
 */

/** Containers of pods: no pause container, no cgroup of the node. */
export const containers = (and = '') => `{container!="", container!="POD", pod!=""${and && `, ${and}`}}`;

/** Cores in use. */
export function cpu(by: string, and = ''): string {
  return `sum by (${by}) (rate(container_cpu_usage_seconds_total${containers(and)}[$__rate_interval]))`;
}

/** Bytes that the kernel cannot take back: what the memory limit is compared with. */
export function memory(by: string, and = ''): string {
  return `sum by (${by}) (container_memory_working_set_bytes${containers(and)})`;
}

/** Memory against the limit, of those that have one. */
export function memoryOfLimit(by: string, and = ''): string {
  const selector = containers(and);
  return `max by (${by}) (container_memory_working_set_bytes${selector} / (container_spec_memory_limit_bytes${selector} > 0))`;
}

/** Bytes per second over the network of pods; `direction` is `receive` or `transmit`. */
export function network(direction: 'receive' | 'transmit', by: string, and = ''): string {
  return `sum by (${by}) (rate(container_network_${direction}_bytes_total{pod!=""${and && `, ${and}`}}[$__rate_interval]))`;
}

/** Times that a container was started again in a window: each start is a series of its own. */
export function restarts(window: string, and = ''): string {
  const instances = `count by (namespace, pod, container) (count_over_time(container_memory_working_set_bytes${containers(and)}[${window}]))`;
  return `(${instances} - 1) > 0`;
}

/** Adds the label `workload`: the pod's name without what its controller appended. */
export function withWorkload(expr: string): string {
  const random = '[bcdfghjklmnpqrstvwxz2456789]';
  return `label_replace(${expr}, "workload", "$1", "pod", "(.+?)(-${random}{6,10}-${random}{5}|-${random}{5}|-[0-9]+)?")`;
}

/** Time series of the whole node. */
export const NODE = 'id="/"';
