import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import execa from 'execa';
import { stringify } from 'yaml';
import type { Rule, RuleGroup } from '../../components/contracts';
import { alertCases, allGroups, recordingCases } from '../packs/cases';
import type { AlertCase, RecordingCase, Situation } from '../packs/cases/case';
import { tool } from '../tools';

type Alert = Extract<Rule, { alert: string }>;

/** A file for `promtool test rules`: rules and the named tests on them. */
interface TestFile {
  groups: RuleGroup[];
  tests: { name: string; [field: string]: unknown }[];
}

/** All recordings and, beside them, no alert but the one under test: its namesake of another severity may fire. */
function rulesFor({ alert, severity }: AlertCase): { groups: RuleGroup[]; rule: Alert } {
  const isTested = (rule: Rule): rule is Alert =>
    'alert' in rule && rule.alert === alert && rule.labels.severity === severity;
  const groups = allGroups.map((group) => ({
    ...group,
    rules: group.rules.filter((rule) => 'record' in rule || isTested(rule)),
  }));
  const rule = groups.flatMap((group) => group.rules).find(isTested);
  if (!rule) throw new Error(`no rule for ${alert} (${severity})`);
  return { groups, rule };
}

const input = (name: string, { series }: Situation) => ({
  name,
  interval: '1m',
  input_series: Object.entries(series).map(([selector, values]) => ({ series: selector, values })),
});

function firing(rule: Alert, { severity, fires }: AlertCase) {
  const exp_alerts = fires.alerts.map(({ labels, description }) => ({
    exp_labels: { ...labels, severity },
    exp_annotations: { ...rule.annotations, description },
  }));
  return {
    ...input('fires', fires),
    alert_rule_test: [{ alertname: rule.alert, eval_time: fires.at, exp_alerts }],
  };
}

const silent = (rule: Alert, situation: Situation) => ({
  ...input('stays silent', situation),
  alert_rule_test: [{ alertname: rule.alert, eval_time: situation.at, exp_alerts: [] }],
});

function alertFile(alertCase: AlertCase): TestFile {
  const { groups, rule } = rulesFor(alertCase);
  const quiet = alertCase.silent === 'never' ? [] : [silent(rule, alertCase.silent)];
  return { groups, tests: [firing(rule, alertCase), ...quiet] };
}

function recordingFile({ record, given, samples }: RecordingCase): TestFile {
  const exp_samples = samples.map(({ labels, value }) => ({ labels: `${record}${labels}`, value }));
  return {
    groups: allGroups,
    tests: [
      { ...input('records', given), promql_expr_test: [{ expr: record, eval_time: given.at, exp_samples }] },
    ],
  };
}

/** Silence expected of an alert that fires: promtool has to object. */
function wrongFile(): TestFile {
  const [alertCase] = alertCases.filter(({ alert }) => alert === 'ComponentDown') as [AlertCase];
  const { groups, rule } = rulesFor(alertCase);
  return { groups, tests: [silent(rule, alertCase.fires)] };
}

const files: Record<string, TestFile> = {
  ...Object.fromEntries(alertCases.map((each) => [`${each.alert} (${each.severity})`, alertFile(each)])),
  ...Object.fromEntries(recordingCases.map((each) => [each.record, recordingFile(each)])),
};

/** Runs all files in one process; what promtool objects to, by file and test. */
async function objections(
  promtool: string,
  all: Record<string, TestFile>,
): Promise<Record<string, Record<string, string[]>>> {
  const folder = mkdtempSync(join(tmpdir(), 'observatory-rules-'));
  try {
    Object.values(all).forEach(({ groups, tests }, index) => {
      writeFileSync(join(folder, `rules-${index}.yaml`), stringify({ groups }));
      const test = { rule_files: [`rules-${index}.yaml`], evaluation_interval: '1m', tests };
      writeFileSync(join(folder, `test-${index}.yaml`), stringify(test));
    });
    const names = Object.keys(all);
    const report = join(folder, 'report.xml');
    await execa(promtool, ['test', 'rules', `--junit=${report}`, ...names.map((_, i) => `test-${i}.yaml`)], {
      cwd: folder,
      reject: false,
    });
    const suites = readFileSync(report, 'utf8').split('<testsuite ').slice(1);
    return Object.fromEntries(suites.map((suite, index) => [names[index], cases(suite)]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function cases(suite: string): Record<string, string[]> {
  const found = suite.split('<testcase ').slice(1);
  return Object.fromEntries(
    found.map((text) => [
      /^name="([^"]*)"/.exec(text)?.[1],
      [...text.matchAll(/<(?:failure|error)>([^<]*)</g)].map(([, message = '']) =>
        message.replace(/&#(\d+);/g, (_entity, code: string) => String.fromCharCode(Number(code))),
      ),
    ]),
  );
}

const promtool = tool('promtool');

(promtool ? describe : describe.skip)(
  promtool ? 'promtool test rules' : 'skipped: promtool is neither built nor in OBSERVATORY_BINARIES',
  () => {
    let found: Awaited<ReturnType<typeof objections>>;

    beforeAll(async () => {
      found = await objections(promtool as string, { ...files, wrong: wrongFile() });
    }, 300_000);

    for (const [file, { tests }] of Object.entries(files)) {
      test.each(tests.map(({ name }) => name))(`${file} %s`, (name) => {
        expect(found[file]?.[name]).toEqual([]);
      });
    }

    test('an alert that fires where silence is expected is objected to', () => {
      expect(found.wrong?.['stays silent']).toEqual([expect.stringContaining('job="loki"')]);
    });
  },
);
