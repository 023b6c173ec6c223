import { toYaml } from '../component';
import type { Dashboard, Datasource } from '../contracts';

/** A folder in Grafana; `name` is its uid and the name of its files. */
export interface Folder {
  name: string;
  title: string;
  dashboards: Dashboard[];
}

/** What Grafana's own configuration depends on. */
export interface GrafanaSettings {
  adminUser: string;
  /** Address in the browser, e.g. `https://observe.example.com`. A proxy in front strips its path, if it has one. */
  rootUrl: string;
  /** The data sources' query step is never finer than this, e.g. `30s`. */
  scrapeInterval: string;
  datasources: Datasource[];
  folders: Folder[];
}

type Ini = Record<string, Record<string, string | number | boolean>>;

/** Where the pod finds what the component mounts. */
export const paths = {
  ini: '/etc/grafana/grafana.ini',
  datasources: '/etc/grafana/provisioning/datasources/datasources.yaml',
  providers: '/etc/grafana/provisioning/dashboards/dashboards.yaml',
  secrets: '/etc/grafana/secrets',
  dashboards: (folder: Folder) => `/etc/grafana/dashboards/${folder.name}`,
  data: '/var/lib/grafana',
};

/** Key of the administrator's password in the mounted Secret. */
export const ADMIN_PASSWORD = 'admin-password';

/** File of a dashboard in its folder. */
export function dashboardFile({ uid }: Dashboard): string {
  return `${uid}.json`;
}

/**
 * grafana.ini: nobody enters without an account, nothing calls home, nothing is installed at run time.
 * The first dashboard of the first folder is the home page.
 *
 * @see https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/
 */
export function grafanaIni({ adminUser, rootUrl, folders }: GrafanaSettings): Ini {
  const { protocol, hostname } = new URL(rootUrl);
  const https = protocol === 'https:';
  const [home] = folders.flatMap((folder) =>
    folder.dashboards.map((dashboard) => `${paths.dashboards(folder)}/${dashboardFile(dashboard)}`),
  );
  return {
    server: { domain: hostname, root_url: rootUrl },
    database: { type: 'sqlite3', wal: true },
    security: {
      admin_user: adminUser,
      // read by Grafana itself: GF_SECURITY_ADMIN_PASSWORD__FILE would end in the process's environment
      admin_password: `$__file{${paths.secrets}/${ADMIN_PASSWORD}}`,
      cookie_secure: https,
      strict_transport_security: https,
      content_security_policy: true,
      disable_gravatar: true,
    },
    users: { allow_sign_up: false, allow_org_create: false },
    'auth.anonymous': { enabled: false },
    analytics: {
      reporting_enabled: false,
      check_for_updates: false,
      check_for_plugin_updates: false,
      feedback_links_enabled: false,
    },
    news: { news_feed_enabled: false },
    snapshots: { external_enabled: false },
    public_dashboards: { enabled: false },
    plugins: {
      // the bundled data sources stay as the image has them: updating them fails on a read-only root
      preinstall_disabled: true,
      plugin_admin_enabled: false,
      public_key_retrieval_disabled: true,
    },
    log: { mode: 'console' },
    'log.console': { format: 'json' },
    ...(home && { dashboards: { default_home_dashboard_path: home } }),
  };
}

/** Sections as ini text. */
export function iniText(sections: Ini): string {
  return Object.entries(sections)
    .map(([section, keys]) => {
      const lines = Object.entries(keys).map(([key, value]) => `${key} = ${value}\n`);
      return `[${section}]\n${lines.join('')}`;
    })
    .join('\n');
}

/** A provisioning file. `$` is doubled: Grafana reads `$NAME` in it as a variable of the environment. */
export function provisioningText(provisioning: object): string {
  const yaml = toYaml(provisioning);
  return yaml.replaceAll('$', '$$$$');
}

const SPAN_SHIFT = { spanStartTimeShift: '-5m', spanEndTimeShift: '5m' };
const SERVICE_TAG = { key: 'service.name', value: 'service_name' };

/**
 * How a span of each trace store finds its logs, by trace id in structured metadata or in text, and its metrics.
 * Jaeger keeps the service's name apart from a span's tags, where links cannot read it.
 */
const SPAN_LINKS = {
  tempo: { logs: { tags: [SERVICE_TAG], filterByTraceID: true }, metrics: '$__tags' },
  jaeger: {
    logs: { customQuery: true, query: '{service_name=~".+"} | trace_id="${__span.traceId}"' },
    metrics: 'span_name="${__span.name}"',
  },
};

/** trace → logs, trace → metrics, and the graph of a trace's spans. */
function fromTraces(store: 'tempo' | 'jaeger', deployed: (type: Datasource['type']) => boolean) {
  const { logs, metrics } = SPAN_LINKS[store];
  return {
    ...(deployed('loki') && { tracesToLogsV2: { datasourceUid: 'loki', ...SPAN_SHIFT, ...logs } }),
    ...(deployed('prometheus') && {
      tracesToMetrics: {
        datasourceUid: 'prometheus',
        ...SPAN_SHIFT,
        ...(store === 'tempo' && { tags: [SERVICE_TAG] }),
        queries: [
          {
            name: 'Requests',
            query: `sum by (service_name) (rate(traces_span_metrics_calls_total{${metrics}}[5m]))`,
          },
          {
            name: 'Errors',
            query: `sum by (service_name) (rate(traces_span_metrics_calls_total{${metrics}, status_code="STATUS_CODE_ERROR"}[5m]))`,
          },
          {
            name: 'Duration (p95)',
            query: `histogram_quantile(0.95, sum by (le, service_name) (rate(traces_span_metrics_duration_seconds_bucket{${metrics}}[5m])))`,
          },
        ],
      },
    }),
    nodeGraph: { enabled: true },
  };
}

/** `trace_id=…`, `"traceId":"…"` and the like in a line of text. */
const TRACE_ID_IN_TEXT = String.raw`(?:trace|Trace|TRACE)[_-]?(?:id|Id|ID)["']?\s*[:=]\s*["']?([0-9a-f]{32}|[0-9a-f]{16})\b`;

function jsonData(type: Datasource['type'], { datasources, scrapeInterval }: GrafanaSettings) {
  const deployed = (other: Datasource['type']) => datasources.some((datasource) => datasource.type === other);
  const traceStore = (['tempo', 'jaeger'] as const).find(deployed);
  switch (type) {
    case 'prometheus':
      return {
        httpMethod: 'POST',
        prometheusType: 'Prometheus',
        timeInterval: scrapeInterval,
        manageAlerts: true,
        ...(deployed('alertmanager') && { alertmanagerUid: 'alertmanager' }),
        ...(traceStore && {
          exemplarTraceIdDestinations: [
            { name: 'trace_id', datasourceUid: traceStore, urlDisplayLabel: 'View trace' },
          ],
        }),
      };
    case 'alertmanager':
      return { implementation: 'prometheus', handleGrafanaManagedAlerts: false };
    case 'loki': {
      const link = { datasourceUid: traceStore, url: '${__value.raw}', urlDisplayLabel: 'View trace' };
      return traceStore
        ? {
            derivedFields: [
              { name: 'Trace', matcherType: 'label', matcherRegex: 'trace_id', ...link },
              {
                name: 'Trace in text',
                matcherType: 'regex',
                matcherRegex: TRACE_ID_IN_TEXT,
                ...link,
              },
            ],
          }
        : {};
    }
    case 'tempo':
      return {
        ...fromTraces('tempo', deployed),
        streamingEnabled: { search: true, metrics: true },
        ...(deployed('prometheus') && { serviceMap: { datasourceUid: 'prometheus' } }),
      };
    case 'jaeger':
      return fromTraces('jaeger', deployed);
  }
}

const NAMES = {
  prometheus: 'Prometheus',
  alertmanager: 'Alertmanager',
  loki: 'Loki',
  tempo: 'Tempo',
  jaeger: 'Jaeger',
} as const;

/**
 * The data sources with every correlation between them: exemplar → trace, trace → logs, trace → metrics,
 * log → trace, service map. The uid is the type; a source that is no longer listed is removed.
 *
 * @see https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources
 */
export function datasourceProvisioning(settings: GrafanaSettings) {
  return {
    apiVersion: 1,
    prune: true,
    datasources: settings.datasources.map(({ type, url }) => ({
      name: NAMES[type],
      type,
      uid: type,
      access: 'proxy',
      url,
      isDefault: type === 'prometheus',
      editable: false,
      jsonData: jsonData(type, settings),
    })),
  };
}

/**
 * One file provider per folder; a dashboard whose file is gone is removed, and none can be changed in the browser.
 *
 * @see https://grafana.com/docs/grafana/latest/administration/provisioning/#dashboards
 */
export function dashboardProvisioning({ folders }: GrafanaSettings) {
  return {
    apiVersion: 1,
    providers: folders.map((folder) => ({
      name: folder.name,
      type: 'file',
      folder: folder.title,
      folderUid: folder.name,
      disableDeletion: false,
      allowUiUpdates: false,
      options: { path: paths.dashboards(folder) },
    })),
  };
}
