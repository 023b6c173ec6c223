/** A program, or several of one module, that is built from the Go module `local/tools/<name>`. */
export interface Tool {
  /** Release without a leading `v`. */
  version: string;
  /** Minutes of a first build on two cores. */
  minutes: number;
  /** Import path of the main package by file name of the binary. */
  packages: Record<string, string>;
  /** Values for string variables by import path and name, so that the binary knows its version. */
  variables?: Record<string, string>;
}

const prometheusVersion = 'github.com/prometheus/common/version.Version';
const kubernetesVersion = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap(
  (path) => [
    [`${path}.gitVersion`, 'v1.34.4'],
    [`${path}.gitMajor`, '1'],
    [`${path}.gitMinor`, '34'],
    [`${path}.gitTreeState`, 'clean'],
  ],
);

/** Every tool by the name of its folder. */
export const TOOLS = {
  alertmanager: {
    version: '0.31.1',
    minutes: 1,
    packages: {
      alertmanager: 'github.com/prometheus/alertmanager/cmd/alertmanager',
      amtool: 'github.com/prometheus/alertmanager/cmd/amtool',
    },
    variables: { [prometheusVersion]: '0.31.1' },
  },
  coredns: {
    version: '1.15.0',
    minutes: 2,
    packages: { coredns: 'github.com/coredns/coredns' },
  },
  jaeger: {
    version: '2.13.0',
    minutes: 4,
    packages: { jaeger: 'github.com/jaegertracing/jaeger/cmd/jaeger' },
    variables: { 'github.com/jaegertracing/jaeger/internal/version.latestVersion': 'v2.13.0' },
  },
  kubernetes: {
    version: '1.34.4',
    minutes: 8,
    packages: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
      kubelet: 'k8s.io/kubernetes/cmd/kubelet',
    },
    variables: Object.fromEntries(kubernetesVersion),
  },
  loki: {
    version: '3.7.8',
    minutes: 4,
    packages: { loki: 'github.com/grafana/loki/v3/cmd/loki' },
    variables: { 'github.com/grafana/loki/v3/pkg/util/build.Version': '3.7.8' },
  },
  'node-exporter': {
    version: '1.12.1',
    minutes: 1,
    packages: { node_exporter: 'github.com/prometheus/node_exporter' },
    variables: { [prometheusVersion]: '1.12.1' },
  },
  otelcol: {
    version: '0.158.0',
    minutes: 4,
    packages: { 'otelcol-contrib': 'observatory/otelcol-contrib' },
  },
  pause: {
    version: '1',
    minutes: 1,
    packages: { pause: 'observatory/pause' },
  },
  prometheus: {
    version: '3.15.0',
    minutes: 4,
    packages: {
      prometheus: 'github.com/prometheus/prometheus/cmd/prometheus',
      promtool: 'github.com/prometheus/prometheus/cmd/promtool',
    },
    variables: { [prometheusVersion]: '3.15.0' },
  },
  pulumi: {
    version: '3.246.0',
    minutes: 4,
    packages: { pulumi: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi' },
    variables: { 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version': 'v3.246.0' },
  },
} satisfies Record<string, Tool>;

/** Name of a folder in `local/tools`. */
export type ToolName = keyof typeof TOOLS;
type Packages<T> = T extends { packages: infer P } ? keyof P : never;
/** File name of a binary that can be built, e.g. `promtool`. */
export type Binary = Packages<(typeof TOOLS)[ToolName]> & string;

/** Whether a binary of a name can be built. */
export const isBinary = (name: string): name is Binary =>
  Object.values<Tool>(TOOLS).some(({ packages }) => name in packages);

/** The tool that a binary belongs to. */
export function toolOf(binary: Binary): ToolName {
  return (Object.keys(TOOLS) as ToolName[]).find((name) => binary in TOOLS[name].packages)!;
}
