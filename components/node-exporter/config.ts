/** Where the node's root is mounted. */
export const ROOT_PATH = '/host/root';

/** Port on the node's own addresses. */
export const PORT = 9100;

/** Mount points of pods and of the kernel, which are not the node's storage. */
const NOT_STORAGE = '^/(dev|proc|run|sys)($|/)|/kubelet/(pods|plugins)/|/(containerd|containers|docker)/';

/** One end of each pod's network: they come and go with the pods. */
const POD_INTERFACES = '^(veth.*|cali.*|lxc.*|eni.*|[a-f0-9]{15})$';

/**
 * node-exporter's arguments, which are its configuration.
 *
 * @see https://github.com/prometheus/node_exporter
 */
export function nodeExporterArguments(): string[] {
  return [
    `--web.listen-address=:${PORT}`,
    `--path.rootfs=${ROOT_PATH}`,
    `--path.udev.data=${ROOT_PATH}/run/udev/data`,
    `--collector.filesystem.mount-points-exclude=${NOT_STORAGE}`,
    `--collector.netclass.ignored-devices=${POD_INTERFACES}`,
    `--collector.netdev.device-exclude=${POD_INTERFACES}`,
    // hardware that nodes of a cluster do not have, or that an unprivileged user cannot read
    ...['btrfs', 'dmi', 'drm', 'infiniband', 'nfs', 'nfsd', 'rapl', 'tapestats', 'zfs'].map(
      (collector) => `--no-collector.${collector}`,
    ),
  ];
}
