import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as sdk from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as LogsBuilder } from '@grafana/grafana-foundation-sdk/logs';
import { DataqueryBuilder as LokiQuery } from '@grafana/grafana-foundation-sdk/loki';
import {
  DataqueryBuilder as PrometheusQuery,
  PromQueryFormat,
} from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as NodeGraphBuilder } from '@grafana/grafana-foundation-sdk/nodegraph';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Datasource } from '../components/contracts';

export type Query = cog.Builder<cog.Dataquery>;
export type Panel = cog.Builder<sdk.Panel>;

/** Values at which a panel turns orange and red; low is bad when `critical` is below `warning`. */
export interface Thresholds {
  warning: number;
  critical: number;
}

export interface Link {
  title: string;
  url: string;
}

/** What every panel says of itself. */
export interface PanelOptions {
  title: string;
  /** What it tells who is on call. */
  description: string;
  /** A unit of `@grafana/grafana-foundation-sdk/units`. */
  unit?: string;
  decimals?: number;
  min?: number;
  max?: number;
  thresholds?: Thresholds;
  /** Shown instead of an empty panel. Default `no data`. */
  noValue?: string;
  /** Where a click on a value leads. */
  links?: Link[];
  /** Of 24 columns. */
  width?: number;
  /** In grid units of 30 pixels. */
  height?: number;
}

/** A column of a {@link table}: a number per row, from an instant query. */
export interface Column {
  title: string;
  expr: string;
  unit?: string;
  decimals?: number;
  thresholds?: Thresholds;
}

/** The uid of a data source is its type. */
export function datasourceRef(type: Datasource['type']): common.DataSourceRef {
  return { type, uid: type };
}

/** PromQL over the shown time range; `legend` takes labels: `{{pod}}`. */
export function promql(expr: string, legend: string): PrometheusQuery {
  return new PrometheusQuery()
    .datasource(datasourceRef('prometheus'))
    .expr(expr)
    .legendFormat(legend)
    .range();
}

/** PromQL at the end of the shown time range. */
export function promqlNow(expr: string, legend = ''): PrometheusQuery {
  return new PrometheusQuery()
    .datasource(datasourceRef('prometheus'))
    .expr(expr)
    .legendFormat(legend)
    .instant();
}

/** LogQL over the shown time range: lines, or numbers per step. */
export function logql(expr: string, legend = ''): LokiQuery {
  return new LokiQuery().datasource(datasourceRef('loki')).expr(expr).legendFormat(legend).queryType('range');
}

function refId(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

function thresholdSteps(thresholds?: Thresholds): sdk.Threshold[] {
  if (!thresholds) return [{ value: null, color: 'blue' }];
  const { warning, critical } = thresholds;
  const highIsBad = critical >= warning;
  return [
    { value: null, color: highIsBad ? 'green' : 'red' },
    { value: Math.min(warning, critical), color: 'orange' },
    { value: Math.max(warning, critical), color: highIsBad ? 'red' : 'green' },
  ];
}

function describe<B extends TimeseriesBuilder | StatBuilder | TableBuilder | NodeGraphBuilder | LogsBuilder>(
  builder: B,
  options: PanelOptions,
  queries: Query[],
): B {
  builder
    .title(options.title)
    .description(options.description)
    .targets(queries.map((query, index) => ({ build: () => ({ ...query.build(), refId: refId(index) }) })))
    .noValue(options.noValue ?? 'no data')
    .thresholds(
      new sdk.ThresholdsConfigBuilder()
        .mode(sdk.ThresholdsMode.Absolute)
        .steps(thresholdSteps(options.thresholds)),
    );
  if (options.unit) builder.unit(options.unit);
  if (options.decimals !== undefined) builder.decimals(options.decimals);
  if (options.min !== undefined) builder.min(options.min);
  if (options.max !== undefined) builder.max(options.max);
  if (options.links)
    builder.dataLinks(options.links.map(({ title, url }) => new sdk.DashboardLinkBuilder(title).url(url)));
  return builder;
}

/** Lines over time. Thresholds appear as dashed lines, exemplars as points when a query asks for them. */
export function timeseries(options: PanelOptions & { queries: Query[]; stacked?: boolean }): Panel {
  const builder = describe(new TimeseriesBuilder(), options, options.queries)
    .span(options.width ?? 8)
    .height(options.height ?? 8)
    .lineWidth(1)
    .fillOpacity(options.stacked ? 40 : 8)
    .showPoints(common.VisibilityMode.Never)
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        .sort(common.SortOrder.Descending),
    );
  if (options.stacked)
    builder.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
  if (options.thresholds)
    builder.thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
    );
  return builder;
}

/** The current value, one tile per series. `states` gives words to values: `{ 1: 'up' }`. */
export function stat(options: PanelOptions & { query: Query; states?: Record<number, string> }): Panel {
  const builder = describe(new StatBuilder(), options, [options.query])
    .span(options.width ?? 4)
    .height(options.height ?? 4)
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(options.thresholds ? common.BigValueColorMode.Background : common.BigValueColorMode.Value)
    .textMode(common.BigValueTextMode.Auto)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']));
  if (options.states)
    builder.mappings([
      {
        type: sdk.MappingType.ValueToText,
        options: Object.fromEntries(Object.entries(options.states).map(([value, text]) => [value, { text }])),
      },
    ]);
  return builder;
}

/**
 * One row per set of `labels` (label → heading), one column per query. `links` hang on the first label.
 * Queries must keep exactly these labels.
 */
export function table(
  options: Omit<PanelOptions, 'unit' | 'thresholds'> & { labels: Record<string, string>; columns: Column[] },
): Panel {
  const { columns, labels, links = [] } = options;
  const valueField = (index: number) => (columns.length === 1 ? 'Value' : `Value #${refId(index)}`);
  const builder = describe(
    new TableBuilder(),
    { ...options, links: undefined },
    columns.map(({ expr }) => promqlNow(expr).format(PromQueryFormat.Table)),
  )
    .span(options.width ?? 24)
    .height(options.height ?? 8)
    .filterable(true)
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(
          [...Object.keys(labels), ...columns.map((_, index) => valueField(index))].map((n, i) => [n, i]),
        ),
        renameByName: {
          ...labels,
          ...Object.fromEntries(columns.map(({ title }, index) => [valueField(index), title])),
        },
      },
    });
  columns.forEach(({ title, unit, decimals, thresholds }) =>
    builder.overrideByName(title, [
      ...(unit ? [{ id: 'unit', value: unit }] : []),
      ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
      ...(thresholds
        ? [
            {
              id: 'thresholds',
              value: { mode: sdk.ThresholdsMode.Absolute, steps: thresholdSteps(thresholds) },
            },
            { id: 'custom.cellOptions', value: { type: 'color-text' } },
          ]
        : []),
    ]),
  );
  const [firstLabel] = Object.values(labels);
  if (firstLabel && links.length > 0) builder.overrideByName(firstLabel, [{ id: 'links', value: links }]);
  return builder;
}

/** A table as the query gives it, e.g. the traces that a search finds. */
export function list(options: PanelOptions & { query: Query }): Panel {
  return describe(new TableBuilder(), options, [options.query])
    .span(options.width ?? 12)
    .height(options.height ?? 9);
}

/** Who calls whom. */
export function nodeGraph(options: PanelOptions & { query: Query }): Panel {
  return describe(new NodeGraphBuilder(), options, [options.query])
    .span(options.width ?? 24)
    .height(options.height ?? 12);
}

/** Log lines, newest first; details show the labels and the link to the trace. */
export function logs(options: PanelOptions & { query: LokiQuery }): Panel {
  return describe(new LogsBuilder(), options, [options.query.maxLines(500)])
    .span(options.width ?? 24)
    .height(options.height ?? 12)
    .showTime(true)
    .wrapLogMessage(true)
    .enableLogDetails(true)
    .sortOrder(common.LogsSortOrder.Descending);
}
