/**
 * What components tell each other. A component takes and offers these and never imports another component.
 */

/** A store that takes OTLP from the collector. `endpoint` is `host:port` for gRPC, a base URL for HTTP. */
export interface OtlpBackend {
  name: string;
  signal: 'traces' | 'logs';
  protocol: 'grpc' | 'http';
  endpoint: string;
}

/** Where applications send OTLP. */
export interface OtlpEndpoint {
  /** `http://host:4317` */
  grpc: string;
  /** `http://host:4318` */
  http: string;
}

/** A store that Grafana queries. The type is also the data source's fixed uid. */
export interface Datasource {
  type: 'prometheus' | 'alertmanager' | 'loki' | 'tempo' | 'jaeger';
  url: string;
}

/** Alertmanager's replicas, found by the A records of a headless Service. */
export interface AlertTarget {
  dnsName: string;
  port: number;
}

/** Name of the container port where a pod exposes its own metrics: Prometheus scrapes it by this name. */
export const METRICS_PORT = 'metrics';

/** Name of the collector's port (8889) that exposes the applications' metrics, whose labels are kept. */
export const APPLICATION_METRICS_PORT = 'app-metrics';

/** One alerting or recording rule. @see https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
export type Rule =
  | {
      alert: string;
      expr: string;
      for?: string;
      keep_firing_for?: string;
      labels: { severity: 'critical' | 'warning' | 'info' | 'none'; [label: string]: string };
      /** `runbook` is the path of its text in this repository. */
      annotations: { summary: string; description: string; runbook: string; [name: string]: string };
    }
  | { record: string; expr: string; labels?: Record<string, string> };

/** A rule file holds groups; a group's rules are evaluated in order. */
export interface RuleGroup {
  name: string;
  interval?: string;
  rules: Rule[];
}

/** A classic dashboard model as Grafana's file provisioning takes it. */
export interface Dashboard {
  uid: string;
  title: string;
  [field: string]: unknown;
}

/** What the platform knows about one system: its dashboards and its rules. */
export interface Pack {
  /** Folder in Grafana and name of the rule file. */
  name: string;
  title: string;
  dashboards: Dashboard[];
  rules: RuleGroup[];
}

/** What a pack may depend on: it shows and watches only what the stack deploys. */
export interface PackContext {
  /** Names of the deployed components, e.g. `loki`; also their Prometheus job names. */
  components: string[];
  /** Retention as set, e.g. `7d`. */
  retention: { metrics: string; logs: string; traces: string };
  /** Interval between two scrapes, e.g. `30s`. */
  scrapeInterval: string;
}
