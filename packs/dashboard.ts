import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import * as sdk from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard, Datasource } from '../components/contracts';
import { datasourceRef, type Panel } from './panels';

/** Panels under a heading; the widths of a line add up to 24. */
export interface Row {
  title: string;
  panels: Panel[];
}

/**
 * A choice at the top of a dashboard: label values from a query such as `label_values(up, job)`, fixed options,
 * or free text.
 */
export type VariableOptions = { name: string; label: string } & (
  | {
      query: string;
      /** Default `prometheus`. */
      datasource?: Datasource['type'];
      /** One value instead of several or all. */
      single?: boolean;
      /** All are those that the query lists, instead of any. */
      listed?: boolean;
      /** Chosen at first. Default: all. */
      chosen?: string[];
    }
  | { options: string[] }
  /** The text at first. */
  | { text: string }
);

export interface DashboardOptions {
  uid: string;
  title: string;
  description: string;
  /** The pack; dashboards of one pack link to each other. */
  tag: string;
  variables?: VariableOptions[];
  rows: Row[];
  /** Start of the shown time range. Default `now-1h`. */
  from?: string;
}

/** A query of a panel with every variable replaced, ready to run against its store. */
export interface PanelQuery {
  panel: string;
  datasource: Datasource['type'];
  expr: string;
}

/** Matches what any choice matches. Loki refuses a selector that may be empty, so it is not `.*`. */
const ANY = '.+';

function variable(options: VariableOptions): cog.Builder<sdk.VariableModel> {
  const { name, label } = options;
  if ('text' in options) return new sdk.TextBoxVariableBuilder(name).label(label).defaultValue(options.text);
  const all = { text: 'All', value: '$__all' };
  if ('options' in options)
    return new sdk.CustomVariableBuilder(name)
      .label(label)
      .values(options.options.join(','))
      .multi(true)
      .includeAll(true)
      .allValue(ANY)
      .current(all);
  const { query, datasource = 'prometheus', single, listed, chosen } = options;
  const builder = new sdk.QueryVariableBuilder(name)
    .label(label)
    .datasource(datasourceRef(datasource))
    .query(query)
    .definition(query)
    .refresh(sdk.VariableRefresh.OnTimeRangeChanged)
    .sort(sdk.VariableSort.AlphabeticalCaseInsensitiveAsc);
  if (single) return builder;
  if (!listed) builder.allValue(ANY);
  return builder
    .multi(true)
    .includeAll(true)
    .current(chosen ? { text: chosen, value: chosen } : all);
}

/** A classic dashboard: read-only, refreshed every 30 s, in the browser's time zone, with plain data only. */
export function dashboard(options: DashboardOptions): Dashboard {
  const { uid, title } = options;
  const builder = new sdk.DashboardBuilder(title)
    .uid(uid)
    .description(options.description)
    .tags(['observatory', options.tag])
    .readonly()
    .tooltip(sdk.DashboardCursorSync.Crosshair)
    .time({ from: options.from ?? 'now-1h', to: 'now' })
    .refresh('30s')
    .annotations([])
    .variables((options.variables ?? []).map(variable))
    .link(
      new sdk.DashboardLinkBuilder('More')
        .type(sdk.DashboardLinkType.Dashboards)
        .tags(['observatory', options.tag])
        .asDropdown(true)
        .keepTime(true),
    );
  let id = 0;
  for (const row of options.rows) {
    builder.withRow(new sdk.RowBuilder(row.title).id(++id));
    for (const panel of row.panels) {
      const model = { ...panel.build(), id: ++id };
      // builders hand out their own object, which keeps the place it got in another stack's dashboard
      const gridPos = { ...sdk.defaultGridPos(), ...model.gridPos, x: 0, y: 0 };
      builder.withPanel({ build: () => ({ ...model, gridPos }) });
    }
  }
  // the models carry methods, which no JSON has
  return { ...(JSON.parse(JSON.stringify(builder.build())) as object), uid, title };
}

interface Target {
  datasource: { type: Datasource['type'] };
  /** PromQL or LogQL. */
  expr?: string;
  /** TraceQL. */
  query?: string;
  /** Of a search in Jaeger. */
  service?: string;
  queryType?: string;
}
interface Model {
  templating: { list: { name: string }[] };
  panels: { title: string; targets?: Target[] }[];
}

const BUILT_IN: Record<string, string> = {
  __rate_interval: '5m',
  __range: '1h',
  __interval: '1m',
  __auto: '5m',
};

/**
 * Every query of a dashboard's panels. Choices become `.+`; Grafana's own variables a usual value:
 * `$__rate_interval` 5m, `$__range` 1h, `$__interval` 1m, `$__auto` 5m. A search in Jaeger becomes the parameters
 * of its `/api/traces`, a service map the series that Grafana makes it of.
 * Throws when a query names a variable that the dashboard does not have.
 */
export function panelQueries(dashboard: Dashboard): PanelQuery[] {
  const { templating, panels } = dashboard as unknown as Model;
  const choices = new Set(templating.list.map(({ name }) => name));
  const replace = (text: string) =>
    text.replace(/\$\{?([a-z_]\w*)(?::\w+)?\}?/g, (_, name: string) => {
      const value = choices.has(name) ? ANY : BUILT_IN[name];
      if (!value) throw new Error(`dashboard ${dashboard.uid}: "${text}" uses the unknown variable $${name}`);
      return value;
    });
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ datasource, expr, query, service, queryType }) =>
      queryType === 'serviceMap'
        ? { panel: title, datasource: 'prometheus' as const, expr: 'traces_service_graph_request_total' }
        : {
            panel: title,
            datasource: datasource.type,
            expr: replace(expr ?? query ?? `service=${service}`),
          },
    ),
  );
}
