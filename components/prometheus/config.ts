import { toYaml } from '../component';
import type { AlertTarget, RuleGroup } from '../contracts';
import { seconds } from '../units';
import { scrapeConfigs, type ScrapeConfig } from './scrape';

/** Folder of the rule files in the container. */
export const RULES_PATH = '/etc/prometheus/rules';

/** What the configuration depends on. */
export interface PrometheusSettings {
  /** Samples go when either is reached: age (`7d`), or size of the blocks (`17GiB`, at most 85 % of the volume). */
  retention: { time: string; size: string };
  /** Name of the cluster on every alert. */
  cluster: string;
  /** Time between two scrapes and two evaluations of the rules, e.g. `30s`. */
  scrapeInterval: string;
  /** How late a sample may come and still be stored, e.g. `30m`. */
  outOfOrderWindow: string;
  alertmanager: AlertTarget;
  /** Namespaces of the platform's own pods. */
  namespaces: string[];
}

/** @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/ */
export interface PrometheusConfig {
  global: {
    scrape_interval: string;
    scrape_timeout: string;
    evaluation_interval: string;
    scrape_native_histograms: boolean;
    always_scrape_classic_histograms: boolean;
    external_labels: Record<string, string>;
  };
  storage: { tsdb: { retention: { time: string; size: string }; out_of_order_time_window: string } };
  rule_files: string[];
  alerting: {
    alertmanagers: { dns_sd_configs: { names: string[]; type: 'A'; port: number }[] }[];
  };
  scrape_configs: ScrapeConfig[];
}

/** Prometheus' configuration file as an object. */
export function prometheusConfig(settings: PrometheusSettings): PrometheusConfig {
  const { retention, cluster, scrapeInterval, outOfOrderWindow, alertmanager, namespaces } = settings;
  return {
    global: {
      scrape_interval: scrapeInterval,
      // a scrape must end before the next begins
      scrape_timeout: seconds(scrapeInterval) < 10 ? scrapeInterval : '10s',
      evaluation_interval: scrapeInterval,
      scrape_native_histograms: true,
      // what offers both kinds keeps its buckets, which dashboards and rules of others expect
      always_scrape_classic_histograms: true,
      external_labels: { cluster },
    },
    storage: { tsdb: { retention, out_of_order_time_window: outOfOrderWindow } },
    rule_files: [`${RULES_PATH}/*.yaml`],
    alerting: {
      alertmanagers: [
        { dns_sd_configs: [{ names: [alertmanager.dnsName], type: 'A', port: alertmanager.port }] },
      ],
    },
    scrape_configs: scrapeConfigs(namespaces),
  };
}

/** Texts of rule files, from their groups. */
export function ruleFiles(files: Record<string, RuleGroup[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([file, groups]) => [file, toYaml({ groups })]));
}
