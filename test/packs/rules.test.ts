import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PackContext } from '../../components/contracts';
import { kubernetesRules } from '../../packs/kubernetes/rules';
import { platformRules } from '../../packs/platform/rules';
import { alertCases, allGroups, everything, recordingCases } from './cases';

const ROOT = resolve(__dirname, '../..');
const rules = allGroups.flatMap((group) => group.rules);
const alerts = rules.flatMap((rule) => ('alert' in rule ? [rule] : []));
const names = [...new Set(alerts.map(({ alert }) => alert))].sort();
const key = ({ alert, severity }: { alert: string; severity: string }): string => `${alert} (${severity})`;

/** Jobs that a rule asks for by name. */
function jobs(expr: string): string[] {
  return [...expr.matchAll(/\bjob=~?"([^"]+)"/g)].flatMap(([, list]) => (list as string).split('|'));
}

test('every alert has one case that fires and one that does not, and no case is left over', () => {
  const declared = alerts.map(({ alert, labels }) => key({ alert, severity: labels.severity }));
  expect(alertCases.map(key).sort()).toEqual(declared.sort());
});

test('only the watchdog can never be silent', () => {
  const endless = alertCases.filter(({ silent }) => silent === 'never').map(({ alert }) => alert);
  expect(endless).toEqual(['Watchdog']);
});

test('every recording has a case, and no case is left over', () => {
  const declared = rules.flatMap((rule) => ('record' in rule ? [rule.record] : []));
  expect(recordingCases.map(({ record }) => record).sort()).toEqual(declared.sort());
});

test('group names are unique', () => {
  const groups = allGroups.map(({ name }) => name);
  expect(groups).toEqual([...new Set(groups)]);
});

test.each(
  alerts.map((alert) => [key({ alert: alert.alert, severity: alert.labels.severity }), alert] as const),
)('%s says what is wrong, and its runbook exists', (_name, { alert, annotations }) => {
  expect(annotations.runbook).toBe(`docs/runbooks/${alert}.md`);
  expect(existsSync(join(ROOT, annotations.runbook))).toBe(true);
  expect(annotations.summary).toMatch(/^[A-Z].*\.$/);
  expect(annotations.summary).not.toContain('{{');
  expect(annotations.description).toMatch(/\.$/);
});

describe('runbooks', () => {
  const folder = join(ROOT, 'docs/runbooks');
  const files = readdirSync(folder).filter((file) => file !== 'README.md');

  test('belong to an alert each', () => {
    expect(files.sort()).toEqual(names.map((name) => `${name}.md`));
  });

  test.each(files)('%s has the four sections in order', (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    expect(text.split('\n')[0]).toBe(`# ${file.replace(/\.md$/, '')}`);
    const sections = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(sections).toEqual(['Meaning', 'Impact', 'Diagnosis', 'Mitigation']);
  });

  test.each(files)('%s links to what exists', (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target as string);
    expect(links.filter((target) => !existsSync(join(folder, target)))).toEqual([]);
  });

  test('are listed in the index', () => {
    const index = readFileSync(join(folder, 'README.md'), 'utf8');
    const listed = [...index.matchAll(/\]\((\w+)\.md\)/g)].map(([, name]) => name);
    expect([...new Set(listed)].sort()).toEqual(names);
  });
});

describe('a stack without the optional components', () => {
  const optional = ['collector-agent', 'grafana', 'jaeger', 'kube-state-metrics', 'node-exporter', 'tempo'];
  const small: PackContext = {
    ...everything,
    components: everything.components.filter((component) => !optional.includes(component)),
  };
  const expressions = [...platformRules(small), ...kubernetesRules(small)].flatMap((group) =>
    group.rules.map(({ expr }) => expr),
  );

  test('has rules for none of them', () => {
    const asked = expressions.flatMap(jobs).filter((job) => optional.includes(job));
    // the collector's rules hold for its agent too
    expect([...new Set(asked)]).toEqual(['collector-agent']);
  });

  test('does not miss them', () => {
    const [down] = expressions.filter((expr) => expr.includes('label_replace(vector(1)'));
    expect(down).toContain('"loki"');
    expect(down).not.toContain('"tempo"');
  });
});
