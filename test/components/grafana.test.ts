import { parse } from 'yaml';
import {
  dashboardProvisioning,
  datasourceProvisioning,
  grafanaIni,
  iniText,
  provisioningText,
  type GrafanaSettings,
} from '../../components/grafana/config';
import type { Datasource } from '../../components/contracts';

const URLS: Record<Datasource['type'], string> = {
  prometheus: 'http://prometheus.observatory.svc:9090',
  alertmanager: 'http://alertmanager.observatory.svc:9093',
  loki: 'http://loki.observatory.svc:3100',
  tempo: 'http://tempo.observatory.svc:3200',
  jaeger: 'http://jaeger.observatory.svc:16686',
};

function settings(types: Datasource['type'][], overrides: Partial<GrafanaSettings> = {}): GrafanaSettings {
  return {
    adminUser: 'admin',
    rootUrl: 'http://grafana.observatory.svc:3000',
    scrapeInterval: '30s',
    datasources: types.map((type) => ({ type, url: URLS[type] })),
    folders: [],
    ...overrides,
  };
}

/** jsonData of each data source, by uid. */
function sources(types: Datasource['type'][]): Record<string, Record<string, unknown>> {
  const { datasources } = datasourceProvisioning(settings(types));
  return Object.fromEntries(datasources.map(({ uid, jsonData }) => [uid, jsonData]));
}

describe('grafana.ini', () => {
  it('lets nobody in without an account, calls nobody and installs nothing', () => {
    expect(grafanaIni(settings([]))).toEqual({
      server: {
        domain: 'grafana.observatory.svc',
        root_url: 'http://grafana.observatory.svc:3000',
      },
      database: { type: 'sqlite3', wal: true },
      security: {
        admin_user: 'admin',
        admin_password: '$__file{/etc/grafana/secrets/admin-password}',
        cookie_secure: false,
        strict_transport_security: false,
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
        preinstall_disabled: true,
        plugin_admin_enabled: false,
        public_key_retrieval_disabled: true,
      },
      log: { mode: 'console' },
      'log.console': { format: 'json' },
    });
  });

  it('follows an https address', () => {
    const ini = grafanaIni(settings([], { rootUrl: 'https://observe.example.com' }));
    expect(ini.server).toEqual({
      domain: 'observe.example.com',
      root_url: 'https://observe.example.com',
    });
    expect(ini.security).toMatchObject({ cookie_secure: true, strict_transport_security: true });
  });

  it('opens the first dashboard of the first folder', () => {
    const folders = [
      { name: 'platform', title: 'Platform', dashboards: [{ uid: 'overview', title: 'Overview' }] },
      { name: 'kubernetes', title: 'Kubernetes', dashboards: [{ uid: 'cluster', title: 'Cluster' }] },
    ];
    expect(grafanaIni(settings([], { folders })).dashboards).toEqual({
      default_home_dashboard_path: '/etc/grafana/dashboards/platform/overview.json',
    });
  });

  it('is written as sections', () => {
    expect(iniText({ server: { root_url: 'http://a' }, 'auth.anonymous': { enabled: false } })).toBe(
      '[server]\nroot_url = http://a\n\n[auth.anonymous]\nenabled = false\n',
    );
  });
});

describe('data sources', () => {
  it('have their type as uid, and none can be changed in the browser', () => {
    const provisioning = datasourceProvisioning(settings(['prometheus', 'loki']));
    expect(provisioning).toMatchObject({ apiVersion: 1, prune: true });
    expect(provisioning.datasources).toEqual([
      {
        name: 'Prometheus',
        type: 'prometheus',
        uid: 'prometheus',
        access: 'proxy',
        url: URLS.prometheus,
        isDefault: true,
        editable: false,
        jsonData: {
          httpMethod: 'POST',
          prometheusType: 'Prometheus',
          timeInterval: '30s',
          manageAlerts: true,
        },
      },
      {
        name: 'Loki',
        type: 'loki',
        uid: 'loki',
        access: 'proxy',
        url: URLS.loki,
        isDefault: false,
        editable: false,
        jsonData: {},
      },
    ]);
  });

  it('lead from exemplars to traces, and know Alertmanager', () => {
    const { prometheus, alertmanager } = sources(['prometheus', 'alertmanager', 'tempo']);
    expect(prometheus).toMatchObject({
      alertmanagerUid: 'alertmanager',
      exemplarTraceIdDestinations: [
        { name: 'trace_id', datasourceUid: 'tempo', urlDisplayLabel: 'View trace' },
      ],
    });
    expect(alertmanager).toEqual({ implementation: 'prometheus', handleGrafanaManagedAlerts: false });
  });

  it('lead from the spans of Tempo to the logs and metrics of their service', () => {
    expect(sources(['prometheus', 'loki', 'tempo']).tempo).toMatchObject({
      tracesToLogsV2: {
        datasourceUid: 'loki',
        spanStartTimeShift: '-5m',
        spanEndTimeShift: '5m',
        tags: [{ key: 'service.name', value: 'service_name' }],
        filterByTraceID: true,
      },
      tracesToMetrics: {
        datasourceUid: 'prometheus',
        tags: [{ key: 'service.name', value: 'service_name' }],
        queries: [
          {
            name: 'Requests',
            query: 'sum by (service_name) (rate(traces_span_metrics_calls_total{$__tags}[5m]))',
          },
          { name: 'Errors' },
          { name: 'Duration (p95)' },
        ],
      },
      nodeGraph: { enabled: true },
    });
  });

  it('lead from the spans of Jaeger to logs and metrics without the name of their service', () => {
    const { jaeger } = sources(['prometheus', 'loki', 'jaeger']);
    expect(jaeger).toMatchObject({
      tracesToLogsV2: {
        datasourceUid: 'loki',
        spanStartTimeShift: '-5m',
        spanEndTimeShift: '5m',
        customQuery: true,
        query: '{service_name=~".+"} | trace_id="${__span.traceId}"',
      },
      tracesToMetrics: {
        datasourceUid: 'prometheus',
        queries: [
          {
            name: 'Requests',
            query:
              'sum by (service_name) (rate(traces_span_metrics_calls_total{span_name="${__span.name}"}[5m]))',
          },
          { name: 'Errors' },
          { name: 'Duration (p95)' },
        ],
      },
      nodeGraph: { enabled: true },
    });
    expect(JSON.stringify(jaeger)).not.toContain('__tags');
  });

  it('draw the service map of Tempo from Prometheus', () => {
    expect(sources(['prometheus', 'tempo']).tempo).toMatchObject({
      serviceMap: { datasourceUid: 'prometheus' },
    });
  });

  it.each([
    { deployed: ['tempo', 'jaeger'], store: 'tempo' },
    { deployed: ['jaeger'], store: 'jaeger' },
  ] as const)('lead from logs and exemplars to $store when $deployed are deployed', ({ deployed, store }) => {
    const { prometheus, loki } = sources(['prometheus', 'loki', ...deployed]);
    expect(prometheus?.exemplarTraceIdDestinations).toMatchObject([{ datasourceUid: store }]);
    expect(loki?.derivedFields).toMatchObject([
      { matcherType: 'label', matcherRegex: 'trace_id', datasourceUid: store, url: '${__value.raw}' },
      { matcherType: 'regex', datasourceUid: store, url: '${__value.raw}' },
    ]);
  });

  it('refer to deployed data sources only', () => {
    const types = ['prometheus', 'loki', 'tempo', 'jaeger'] as const;
    const uids = (value: unknown): string[] =>
      typeof value !== 'object' || value === null
        ? []
        : Object.entries(value).flatMap(([key, child]) =>
            /uid$/i.test(key) ? [String(child)] : uids(child),
          );
    for (const without of types) {
      const deployed = types.filter((type) => type !== without);
      const { datasources } = datasourceProvisioning(settings([...deployed]));
      expect(deployed).toEqual(expect.arrayContaining(uids(datasources)));
    }
  });

  const ID = '4bf92f3577b34da6a3ce929d0e0e4736';
  it.each([
    [`level=info trace_id=${ID} msg=done`, ID],
    [`{"traceId":"${ID}","msg":"done"}`, ID],
    [`request traceID: ${ID}`, ID],
    ['{"trace-id": "a3ce929d0e0e4736"}', 'a3ce929d0e0e4736'],
    ['no trace_id= here', undefined],
    [`${ID}`, undefined],
  ])('find the trace in the line %s', (line, id) => {
    const [, inText] = sources(['loki', 'tempo']).loki?.derivedFields as { matcherRegex: string }[];
    expect(new RegExp(inText?.matcherRegex ?? '').exec(line)?.[1]).toBe(id);
  });

  it('are written with every $ doubled', () => {
    const provisioning = datasourceProvisioning(settings(['prometheus', 'loki', 'jaeger']));
    const text = provisioningText(provisioning);
    expect(text).toContain(`query: '{service_name=~".+"} | trace_id="$\${__span.traceId}"'`);
    expect(text.replaceAll('$$', '')).not.toContain('$');
    expect(parse(text.replaceAll('$$', '$'))).toEqual(provisioning);
  });
});

describe('dashboards', () => {
  it('come from one folder of files each', () => {
    const folders = [{ name: 'platform', title: 'Platform', dashboards: [] }];
    expect(dashboardProvisioning(settings([], { folders }))).toEqual({
      apiVersion: 1,
      providers: [
        {
          name: 'platform',
          type: 'file',
          folder: 'Platform',
          folderUid: 'platform',
          disableDeletion: false,
          allowUiUpdates: false,
          options: { path: '/etc/grafana/dashboards/platform' },
        },
      ],
    });
  });
});
