import type { ComponentResourceOptions } from '@pulumi/pulumi';
import * as pulumi from '@pulumi/pulumi';
import { Alertmanager } from '../components/alertmanager';
import { Collector } from '../components/collector';
import { CollectorAgent } from '../components/collector-agent';
import type { Context } from '../components/component';
import type { OtlpEndpoint, PackContext } from '../components/contracts';
import { Grafana } from '../components/grafana';
import { imageReference } from '../components/images';
import { Jaeger } from '../components/jaeger';
import { KubeStateMetrics } from '../components/kube-state-metrics';
import { Loki } from '../components/loki';
import { Namespaces, Policies } from '../components/network';
import { NodeExporter } from '../components/node-exporter';
import { Prometheus } from '../components/prometheus';
import { Tempo } from '../components/tempo';
import { packs } from '../packs';
import { capacity } from './capacity';
import { flows } from './flows';
import type { Settings } from './schema';

/** Names of the components that a stack deploys; also their Services and Prometheus jobs. */
export function deployed({ components }: Settings): string[] {
  const optional: Record<string, boolean> = {
    'collector-agent': components.agent,
    grafana: components.grafana,
    jaeger: components.jaeger,
    'kube-state-metrics': components.kubeStateMetrics,
    'node-exporter': components.nodeExporter,
    tempo: components.tempo,
  };
  const chosen = Object.keys(optional).filter((name) => optional[name]);
  return ['alertmanager', 'collector', 'loki', 'prometheus', ...chosen].sort();
}

/** The stack's outputs, all plain and none secret. */
export interface Outputs {
  /** Where applications send OTLP. */
  otlp: OtlpEndpoint;
  /** Address of each store's query API inside the cluster, by kind. */
  stores: Record<string, string>;
  /** Where users find Grafana, if the stack has one. */
  grafana?: string;
}

/** Deploys the platform and returns the stack's outputs. Order comes from contracts and `dependsOn`. */
export function platform(settings: Settings): Outputs {
  const names = deployed(settings);
  const has = (name: string): boolean => names.includes(name);
  const { volumes, resources, prometheusSizeLimit } = capacity(settings);
  const { cluster, retention, scrape } = settings;
  const packContext: PackContext = { components: names, retention, scrapeInterval: scrape.interval };
  const content = packs(packContext);

  const namespace = settings.namespace;
  const agentNamespace = `${namespace}-agent`;
  const context: Context = {
    namespace,
    image: (name) => imageReference(name, settings.images),
    storageClass: settings.storage.storageClass,
    protectData: settings.storage.protect,
  };
  const agentContext: Context = { ...context, namespace: agentNamespace };

  const namespaces = new Namespaces(context, { platform: namespace, agent: agentNamespace }, {});
  const policies = new Policies(
    context,
    { flows: flows(settings, names), namespaces: [namespace, agentNamespace] },
    { dependsOn: [namespaces] },
  );
  const opts: ComponentResourceOptions = { dependsOn: [namespaces, policies] };
  const sized = <N extends keyof typeof volumes>(name: N) => ({
    resources: resources[name],
    volumeSize: volumes[name],
  });

  const loki = new Loki(context, { ...sized('loki'), retention: retention.logs }, opts);
  const traceStores = [
    ...(has('tempo') ? [new Tempo(context, { ...sized('tempo'), retention: retention.traces }, opts)] : []),
    ...(has('jaeger')
      ? [new Jaeger(context, { ...sized('jaeger'), retention: retention.traces }, opts)]
      : []),
  ];
  const collector = new Collector(
    context,
    {
      ...sized('collector'),
      ...settings.collector,
      cluster,
      scrapeInterval: scrape.interval,
      traceBackends: traceStores.map((store) => store.otlp),
      logBackends: [loki.otlp],
    },
    opts,
  );
  if (has('collector-agent')) {
    new CollectorAgent(
      agentContext,
      {
        resources: resources['collector-agent'],
        cluster,
        otlp: collector.otlp,
        podLogsPath: settings.agent.podLogs,
        statePath: settings.agent.state,
      },
      opts,
    );
  }
  if (has('kube-state-metrics')) {
    new KubeStateMetrics(context, { resources: resources['kube-state-metrics'] }, opts);
  }
  if (has('node-exporter')) {
    new NodeExporter(agentContext, { resources: resources['node-exporter'] }, opts);
  }
  const alertmanager = new Alertmanager(context, sized('alertmanager'), opts);
  const prometheus = new Prometheus(
    context,
    {
      ...sized('prometheus'),
      retention: { time: retention.metrics, size: prometheusSizeLimit },
      cluster,
      scrapeInterval: scrape.interval,
      outOfOrderWindow: scrape.outOfOrderWindow,
      alertmanager: alertmanager.alertTarget,
      ruleFiles: Object.fromEntries(content.map((pack) => [`${pack.name}.yaml`, pack.rules])),
      namespaces: [namespace, agentNamespace],
    },
    opts,
  );
  const stores = [prometheus, alertmanager, loki, ...traceStores];
  const grafana = has('grafana')
    ? new Grafana(
        context,
        {
          ...sized('grafana'),
          ...settings.grafana,
          scrapeInterval: scrape.interval,
          adminPassword: pulumi.secret(settings.grafanaAdminPassword ?? ''),
          datasources: stores.map((store) => store.datasource),
          folders: content.map(({ name, title, dashboards }) => ({ name, title, dashboards })),
        },
        opts,
      )
    : undefined;

  return {
    otlp: collector.otlp,
    stores: Object.fromEntries(stores.map(({ datasource: { type, url } }) => [type, url])),
    ...(grafana && { grafana: grafana.url }),
  };
}
