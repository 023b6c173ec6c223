import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import execa from 'execa';
import { stringify } from 'yaml';
import type { Rule, RuleGroup } from '../../components/contracts';
import { alertCases, allGroups, recordingCases } from '../packs/cases';
import type { AlertCase, RecordingCase, Situation } from '../packs/cases/case';
import { tool } from '../tools';

type Alert = Extract<Rule, { alert: string }>;

const promtool = tool('promtool');
const folder = mkdtempSync(join(tmpdir(), 'observatory-rules-'));

jest.setTimeout(60_000);

afterAll(() => rmSync(folder, { recursive: true }));

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

const input = ({ series }: Situation) => ({
  interval: '1m',
  input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
});

function firing(rule: Alert, { severity, fires }: AlertCase) {
  return {
    ...input(fires),
    alert_rule_test: [
      {
        alertname: rule.alert,
        eval_time: fires.at,
        exp_alerts: fires.alerts.map(({ labels, description }) => ({
          exp_labels: { ...labels, severity },
          exp_annotations: { ...rule.annotations, description },
        })),
      },
    ],
  };
}

const silent = (rule: Alert, situation: Situation) => ({
  ...input(situation),
  alert_rule_test: [{ alertname: rule.alert, eval_time: situation.at, exp_alerts: [] }],
});

const recorded = ({ record, given, samples }: RecordingCase) => ({
  ...input(given),
  promql_expr_test: [
    {
      expr: record,
      eval_time: given.at,
      exp_samples: samples.map(({ labels, value }) => ({ labels: `${record}${labels}`, value })),
    },
  ],
});

/** Runs `promtool test rules` on one test and returns what it says, and whether it agrees. */
async function run(
  groups: RuleGroup[],
  test: object,
): Promise<{ passed: boolean; output: string | undefined }> {
  writeFileSync(join(folder, 'rules.yaml'), stringify({ groups }));
  const file = join(folder, 'test.yaml');
  writeFileSync(file, stringify({ rule_files: ['rules.yaml'], evaluation_interval: '1m', tests: [test] }));
  // exact values are compared as promtool prints them, so float noise is its own
  const { exitCode, all } = await execa(promtool as string, ['test', 'rules', file], {
    all: true,
    reject: false,
  });
  return { passed: exitCode === 0, output: all };
}

const agreed = expect.objectContaining({ passed: true });

(promtool ? describe : describe.skip)(
  promtool ? 'promtool test rules' : 'skipped: promtool is neither built nor in OBSERVATORY_BINARIES',
  () => {
    for (const alertCase of alertCases) {
      const { alert, severity } = alertCase;
      test(`${alert} (${severity}) fires`, async () => {
        const { groups, rule } = rulesFor(alertCase);
        expect(await run(groups, firing(rule, alertCase))).toEqual(agreed);
      });

      const situation = alertCase.silent;
      if (situation === 'never') continue;
      test(`${alert} (${severity}) stays silent`, async () => {
        const { groups, rule } = rulesFor(alertCase);
        expect(await run(groups, silent(rule, situation))).toEqual(agreed);
      });
    }

    test.each(recordingCases)('$record', async (recordingCase) => {
      expect(await run(allGroups, recorded(recordingCase))).toEqual(agreed);
    });

    test('objects to an alert that fires where silence is expected', async () => {
      const [alertCase] = alertCases.filter(({ alert }) => alert === 'ComponentDown') as [AlertCase];
      const { groups, rule } = rulesFor(alertCase);
      const { passed, output } = await run(groups, silent(rule, alertCase.fires));
      expect(passed).toBe(false);
      expect(output).toContain('job="loki"');
    });
  },
);
