import type { Rule } from '../components/contracts';

/** An alert before the conventions of {@link alert}. */
export interface AlertDefinition {
  severity: 'critical' | 'warning' | 'info' | 'none';
  /** PromQL; indentation is the source's and is dropped. */
  expr: string;
  /** How long the expression must hold. Default: fires at once. */
  for?: string;
  /** One sentence without values, the same for every instance. */
  summary: string;
  /** What is wrong where, with its value, as a Prometheus template. */
  description: string;
}

const dedent = (expr: string): string =>
  expr
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .join('\n');

/** An alerting rule whose runbook is the repository's file of the same name. */
export function alert(name: string, definition: AlertDefinition): Rule {
  const { severity, expr, for: duration, summary, description } = definition;
  return {
    alert: name,
    expr: dedent(expr),
    ...(duration && { for: duration }),
    labels: { severity },
    annotations: { summary, description, runbook: `docs/runbooks/${name}.md` },
  };
}

/** A recording rule, named `level:metric:operations`. */
export function record(name: string, expr: string): Rule {
  return { record: name, expr: dedent(expr) };
}
