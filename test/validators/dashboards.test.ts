import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import execa from 'execa';
import { panelQueries } from '../../packs/dashboard';
import { packs } from '../../packs';
import { tool } from '../tools';

const promtool = tool('promtool');
const folder = mkdtempSync(join(tmpdir(), 'observatory-dashboards-'));

jest.setTimeout(60_000);

afterAll(() => rmSync(folder, { recursive: true }));

/** Checks expressions as the recording rules of one file, so that promtool starts once. */
async function check(binary: string, expressions: string[]): Promise<void> {
  const rules = expressions.map((expr, index) => ({ record: `query:${index}`, expr }));
  const file = join(folder, 'rules.json');
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
  await execa(binary, ['check', 'rules', '--lint=none', file]);
}

const components = ['collector', 'collector-agent', 'prometheus', 'alertmanager', 'loki', 'tempo', 'jaeger'];
const expressions = packs({
  components: [...components, 'grafana', 'kube-state-metrics', 'node-exporter'],
  retention: { metrics: '7d', logs: '7d', traces: '3d' },
  scrapeInterval: '30s',
})
  .flatMap(({ dashboards }) => dashboards)
  .flatMap(panelQueries)
  .filter(({ datasource }) => datasource === 'prometheus')
  .map(({ expr }) => expr);

if (promtool) {
  test('promtool parses every PromQL query of every dashboard', async () => {
    expect(expressions.length).toBeGreaterThan(150);
    await check(promtool, expressions);
  });

  test('promtool refuses a broken query', async () => {
    await expect(check(promtool, [...expressions, 'sum(rate(up[5m])'])).rejects.toThrow(
      'unclosed left parenthesis',
    );
  });
} else {
  test.skip('skipped: promtool is neither built nor in OBSERVATORY_BINARIES (queries of the dashboards)', () => {});
}
