/** Where an image comes from; `digest` (`sha256:…`) is the user's to give, none is invented. */
export interface Image {
  registry: string;
  repository: string;
  version: string;
  digest?: string;
}

/** What a stack may replace of an image, or of all with `registry` (air-gapped mirrors). */
export type ImageOverrides = { registry?: string } & Partial<Record<ImageName, Partial<Image>>>;

/** Every image of the platform with its exact version. */
export const images = {
  alertmanager: { registry: 'docker.io', repository: 'prom/alertmanager', version: 'v0.31.1' },
  collector: {
    registry: 'docker.io',
    repository: 'otel/opentelemetry-collector-contrib',
    version: '0.158.0',
  },
  grafana: { registry: 'docker.io', repository: 'grafana/grafana', version: '13.2.3' },
  jaeger: { registry: 'docker.io', repository: 'jaegertracing/jaeger', version: '2.13.0' },
  'kube-state-metrics': {
    registry: 'registry.k8s.io',
    repository: 'kube-state-metrics/kube-state-metrics',
    version: 'v2.20.0',
  },
  loki: { registry: 'docker.io', repository: 'grafana/loki', version: '3.7.8' },
  'node-exporter': { registry: 'docker.io', repository: 'prom/node-exporter', version: 'v1.12.1' },
  prometheus: { registry: 'docker.io', repository: 'prom/prometheus', version: 'v3.15.0' },
  tempo: { registry: 'docker.io', repository: 'grafana/tempo', version: '3.0.3' },
} satisfies Record<string, Image>;

/** A key of {@link images}. */
export type ImageName = keyof typeof images;

/**
 * The reference a pod pulls: `registry/repository:version[@digest]`.
 * An image's own override goes before the registry for all.
 */
export function imageReference(name: ImageName, overrides: ImageOverrides = {}): string {
  const { registry = images[name].registry } = overrides;
  const image: Image = { ...images[name], registry, ...overrides[name] };
  const digest = image.digest ? `@${image.digest}` : '';
  return `${image.registry}/${image.repository}:${image.version}${digest}`;
}
