import { bytes } from '../../components/units';
import { capacity } from '../../stacks/capacity';
import type { Settings } from '../../stacks/schema';
import { parseSettings } from '../../stacks/settings';

function settings(raw: Record<string, unknown> = {}): Settings {
  return parseSettings(
    { grafanaAdminPassword: 'correct horse', ...raw },
    { stack: 'dev', secretKeys: ['grafanaAdminPassword'] },
  );
}

describe('capacity', () => {
  test('the defaults', () => {
    expect(capacity(settings()).volumes).toEqual({
      alertmanager: '1Gi',
      collector: '2Gi',
      grafana: '1Gi',
      jaeger: '5Gi',
      loki: '8Gi',
      prometheus: '3Gi',
      tempo: '3Gi',
    });
  });

  test.each(['metrics', 'logs', 'traces'] as const)(
    'longer %s need a larger volume, and no other',
    (signal) => {
      const before = capacity(settings()).volumes;
      const after = capacity(settings({ retention: { [signal]: '90d' } })).volumes;
      const grown = Object.keys(before).filter(
        (name) => bytes(after[name as keyof typeof after]) > bytes(before[name as keyof typeof before]),
      );
      expect(grown.sort()).toEqual(
        { metrics: ['prometheus'], logs: ['loki'], traces: ['jaeger', 'tempo'] }[signal],
      );
    },
  );

  test('an hour of scraping at half the interval is twice the samples', () => {
    const half = capacity(settings({ retention: { metrics: '1y' }, scrape: { interval: '15s' } }));
    const full = capacity(settings({ retention: { metrics: '1y' }, scrape: { interval: '30s' } }));
    expect(bytes(half.volumes.prometheus) / bytes(full.volumes.prometheus)).toBeCloseTo(2, 1);
  });

  test("Prometheus' size limit is 85 % of its volume, however that came about", () => {
    expect(capacity(settings({ volumes: { prometheus: '100Gi' } })).prometheusSizeLimit).toBe('87040MB');
    expect(capacity(settings()).prometheusSizeLimit).toBe('2611MB');
  });

  test('an explicit size is taken as it is', () => {
    expect(capacity(settings({ volumes: { loki: '50Gi' } })).volumes.loki).toBe('50Gi');
  });

  test("Prometheus' memory follows the number of series", () => {
    const memory = (activeSeries: number): string =>
      capacity(settings({ ingest: { metrics: { activeSeries } } })).resources.prometheus.memory;
    expect(memory(50_000)).toBe('1158Mi');
    expect(memory(1_000_000)).toBe('8580Mi');
  });

  test('a resource that is set replaces only itself', () => {
    const { resources } = capacity(settings({ resources: { loki: { memory: '4Gi' } } }));
    expect(resources.loki).toEqual({ cpu: '200m', memory: '4Gi' });
  });
});
