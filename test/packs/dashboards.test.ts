import type { Dashboard, PackContext } from '../../components/contracts';
import { dashboard, panelQueries } from '../../packs/dashboard';
import { kubernetesDashboards } from '../../packs/kubernetes/dashboards';
import { logql, promql, promqlNow, stat, timeseries } from '../../packs/panels';
import { platformDashboards } from '../../packs/platform/dashboards';

const BASE = ['collector', 'collector-agent', 'prometheus', 'alertmanager', 'loki', 'grafana'];
const STACKS: Record<string, string[]> = {
  'with Jaeger': [...BASE, 'jaeger', 'kube-state-metrics', 'node-exporter'],
  'with both': [...BASE, 'tempo', 'jaeger', 'kube-state-metrics', 'node-exporter'],
  'without exporters': [...BASE, 'jaeger'],
};
const DATASOURCES = ['prometheus', 'alertmanager', 'loki', 'tempo', 'jaeger'];

interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { refId: string; datasource: { type: string; uid: string } }[];
  fieldConfig?: {
    defaults: { unit?: string; noValue?: string; thresholds?: { steps: { value: number | null }[] } };
  };
}

const context = (components: string[]): PackContext => ({
  components,
  retention: { metrics: '7d', logs: '7d', traces: '3d' },
  scrapeInterval: '30s',
});
const all = (components: string[]) => [
  ...platformDashboards(context(components)),
  ...kubernetesDashboards(context(components)),
];
const panels = (model: Dashboard) => model.panels as Panel[];
const queried = (model: Dashboard) => panels(model).filter(({ type }) => type !== 'row');

describe.each(Object.entries(STACKS))('dashboards of a stack %s', (_, components) => {
  const dashboards = all(components);
  const each = dashboards.map((model) => [model.uid, model] as const);

  it('have uids and titles of their own', () => {
    expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
    expect(new Set(dashboards.map(({ title }) => title)).size).toBe(dashboards.length);
    for (const { uid } of dashboards) expect(uid).toMatch(/^[a-z-]{3,40}$/);
  });

  it.each(each)('%s says of each panel what it tells', (_uid, model) => {
    for (const { title, description = '', fieldConfig } of queried(model)) {
      expect([title, description]).toEqual([
        expect.stringMatching(/\S/),
        expect.stringMatching(/^.{15,}\.$/s),
      ]);
      expect(fieldConfig?.defaults.noValue).toMatch(/\S/);
    }
  });

  it.each(each)('%s has a unit on every graph', (_uid, model) => {
    const bare = queried(model).filter((p) => p.type === 'timeseries' && !p.fieldConfig?.defaults.unit);
    expect(bare.map(({ title }) => title)).toEqual([]);
  });

  it.each(each)('%s asks deployed stores only', (_uid, model) => {
    const deployed = DATASOURCES.filter((type) => components.includes(type));
    for (const { title, targets = [] } of queried(model)) {
      expect([title, targets.length]).not.toEqual([title, 0]);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      for (const { datasource } of targets) {
        expect(deployed).toContain(datasource.uid);
        expect(datasource.type).toBe(datasource.uid);
      }
    }
    for (const { datasource } of panelQueries(model)) expect(deployed).toContain(datasource);
  });

  it.each(each)('%s lays its panels out without overlap', (_uid, model) => {
    const cells = new Set<string>();
    let area = 0;
    for (const { gridPos } of panels(model)) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      area += gridPos.w * gridPos.h;
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) cells.add(`${x},${y}`);
    }
    expect(cells.size).toBe(area);
    const ids = panels(model).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(each)('%s is plain data, closed to changes in the browser', (_uid, model) => {
    expect(JSON.parse(JSON.stringify(model))).toEqual(model);
    expect(model).toMatchObject({ editable: false, schemaVersion: expect.any(Number) });
  });

  it('fit into a ConfigMap per folder with room to spare', () => {
    for (const folder of [
      platformDashboards(context(components)),
      kubernetesDashboards(context(components)),
    ]) {
      const size = folder.reduce((sum, model) => sum + JSON.stringify(model, null, 1).length, 0);
      expect(size).toBeLessThan(250_000);
    }
  });

  it('link to dashboards that exist', () => {
    const uids = dashboards.map(({ uid }) => uid);
    const links = JSON.stringify(dashboards).matchAll(/"\/d\/([\w-]+)/g);
    for (const [, uid] of links) expect(uids).toContain(uid);
  });
});

describe('components that are not deployed', () => {
  const uids = (components: string[]) => all(components).map(({ uid }) => uid);

  it('have no dashboard', () => {
    expect(uids(['collector', 'prometheus', 'alertmanager', 'grafana'])).toEqual([
      'platform-overview',
      'platform-services',
      'platform-service',
      'platform-collector',
      'platform-prometheus',
      'platform-alerting',
      'kubernetes-cluster',
      'kubernetes-workloads',
      'kubernetes-pods',
      'kubernetes-volumes',
      'kubernetes-control-plane',
    ]);
    expect(uids([...BASE, 'tempo', 'node-exporter'])).toEqual(
      expect.arrayContaining(['platform-loki', 'platform-tempo', 'kubernetes-nodes', 'kubernetes-logs']),
    );
  });
});

describe('panelQueries', () => {
  const model = (expr: string) =>
    dashboard({
      uid: 'test',
      title: 'Test',
      description: 'Test.',
      tag: 'test',
      variables: [
        { name: 'job', label: 'Job', query: 'label_values(up, job)' },
        { name: 'search', label: 'Text', text: '' },
      ],
      rows: [
        {
          title: 'Row',
          panels: [
            stat({ title: 'Now', description: 'Now.', query: promqlNow(expr) }),
            timeseries({
              title: 'Over time',
              description: 'Over time.',
              queries: [
                promql('rate(up{job=~"$job"}[$__rate_interval])', ''),
                logql('rate({a="b"} |~ "$search" [$__auto])'),
              ],
            }),
          ],
        },
      ],
    });

  it('replaces every variable', () => {
    expect(panelQueries(model('sum_over_time(up{job=~"${job:regex}"}[$__range])'))).toEqual([
      { panel: 'Now', datasource: 'prometheus', expr: 'sum_over_time(up{job=~".+"}[1h])' },
      { panel: 'Over time', datasource: 'prometheus', expr: 'rate(up{job=~".+"}[5m])' },
      { panel: 'Over time', datasource: 'loki', expr: 'rate({a="b"} |~ ".+" [5m])' },
    ]);
  });

  it('leaves groups of a regular expression alone', () => {
    const [now] = panelQueries(model('label_replace(up, "a", "$1", "b", "(.+)$")'));
    expect(now?.expr).toBe('label_replace(up, "a", "$1", "b", "(.+)$")');
  });

  it('refuses a variable that the dashboard does not have', () => {
    expect(() => panelQueries(model('up{pod="$pod"}'))).toThrow(
      'dashboard test: "up{pod="$pod"}" uses the unknown variable $pod',
    );
  });
});

describe('thresholds', () => {
  const colours = (warning: number, critical: number) => {
    const panel = stat({
      title: '',
      description: '',
      query: promqlNow('up'),
      thresholds: { warning, critical },
    });
    return panel.build().fieldConfig?.defaults.thresholds?.steps;
  };

  it('turn red above when high is bad, and below when low is bad', () => {
    expect(colours(0.8, 0.9)).toEqual([
      { value: null, color: 'green' },
      { value: 0.8, color: 'orange' },
      { value: 0.9, color: 'red' },
    ]);
    expect(colours(600, 120)).toEqual([
      { value: null, color: 'red' },
      { value: 120, color: 'orange' },
      { value: 600, color: 'green' },
    ]);
  });
});
