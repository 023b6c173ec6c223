import { tempoConfig } from '../../components/tempo/config';

const config = tempoConfig({ memory: '1Gi', retention: '3d' });

describe('tempoConfig', () => {
  test('gives the retention to the worker, which enforces it, and to the scheduler', () => {
    expect(config.backend_worker.compaction).toEqual({ block_retention: '72h' });
    expect(config.backend_scheduler).toEqual({
      provider: { compaction: { compaction: { block_retention: '72h' } } },
    });
  });

  test('refuses no range of time for being longer than the retention', () => {
    expect(config.query_frontend.search).toEqual({ max_duration: '0s' });
    expect(config.query_frontend.metrics).toEqual({ max_duration: '0s' });
  });

  test('finds what is seconds old', () => {
    expect(config.query_frontend.query_end_cutoff).toBe('1s');
    expect(config.live_store.flush_check_period).toBe('2s');
  });

  test('holds live traces within a fifth of its memory', () => {
    expect(config.live_store.max_live_traces_bytes).toBe(Math.floor(2 ** 30 / 5));
  });

  test('takes OTLP over gRPC only and keeps its files on the volume', () => {
    expect(config.distributor.receivers).toEqual({
      otlp: { protocols: { grpc: { endpoint: '0.0.0.0:4317' } } },
    });
    expect(config.storage.trace).toEqual({
      backend: 'local',
      local: { path: '/var/tempo/blocks' },
      wal: { path: '/var/tempo/wal' },
    });
  });

  test('is one process, makes no metrics of spans, and is silent to its maker', () => {
    expect(config.target).toBe('all');
    expect(config).not.toHaveProperty('metrics_generator');
    expect(config.overrides.defaults).not.toHaveProperty('metrics_generator');
    expect(config.usage_report).toEqual({ reporting_enabled: false });
  });
});
