import { nodeExporterArguments } from '../../components/node-exporter/config';

const args = nodeExporterArguments();
const pattern = (flag: string): RegExp => {
  const arg = args.find((each) => each.startsWith(`--${flag}=`));
  return new RegExp(arg?.slice(flag.length + 3) ?? 'missing');
};

describe('node-exporter', () => {
  test('sees the file systems of the node, not its own', () => {
    expect(args).toEqual(expect.arrayContaining(['--web.listen-address=:9100', '--path.rootfs=/host/root']));
  });

  test.each([
    ['/', false],
    ['/data', false],
    ['/var/lib/kubelet', false],
    ['/running', false],
    ['/proc', true],
    ['/run/user/0', true],
    ['/var/lib/kubelet/pods/0a1b/volumes/kubernetes.io~secret/token', true],
    ['/work/.observatory/cluster/kubelet/pods/0a1b/volumes/x', true],
    ['/run/containerd/io.containerd.grpc.v1.cri/sandboxes/0a1b/shm', true],
    ['/var/lib/docker/overlay2/0a1b/merged', true],
  ])('mount point %s left out: %s', (mountPoint, leftOut) => {
    expect(pattern('collector.filesystem.mount-points-exclude').test(mountPoint)).toBe(leftOut);
  });

  test.each([
    ['eth0', false],
    ['ens5', false],
    ['lo', false],
    ['veth12ab', true],
    ['cali0123456789a', true],
    ['lxc_health', true],
  ])('interface %s left out: %s', (device, leftOut) => {
    expect(pattern('collector.netdev.device-exclude').test(device)).toBe(leftOut);
    expect(pattern('collector.netclass.ignored-devices').test(device)).toBe(leftOut);
  });
});
