import { lokiConfig } from '../../components/loki/config';
import { renderStack } from '../../local/rendering';

const config = lokiConfig({ memory: '1Gi', retention: '30d' });

describe('lokiConfig', () => {
  test('deletes what is older than the retention, from a working directory on the volume', () => {
    expect(config.compactor).toEqual({
      working_directory: '/var/loki/compactor',
      retention_enabled: true,
      delete_request_store: 'filesystem',
    });
    expect(config.limits_config).toMatchObject({ retention_period: '720h', max_query_lookback: '720h' });
    expect(config.schema_config.configs).toEqual([
      {
        from: '2024-04-01',
        store: 'tsdb',
        object_store: 'filesystem',
        schema: 'v13',
        index: { prefix: 'index_', period: '24h' },
      },
    ]);
  });

  test.each([
    ['30d', '168h'],
    ['7d', '168h'],
    ['24h', '24h'],
  ])('kept %s, it takes lines of the last %s', (retention, age) => {
    const { limits_config } = lokiConfig({ memory: '1Gi', retention });
    expect(limits_config.reject_old_samples_max_age).toBe(age);
  });

  test('makes streams of few resource attributes, none of which names a pod, an instance or a trace', () => {
    expect(config.limits_config.otlp_config).toEqual({
      resource_attributes: {
        ignore_defaults: true,
        attributes_config: [
          {
            action: 'index_label',
            attributes: [
              'service.name',
              'service.namespace',
              'deployment.environment.name',
              'k8s.cluster.name',
              'k8s.namespace.name',
              'k8s.container.name',
            ],
          },
        ],
      },
    });
    expect(config.limits_config.allow_structured_metadata).toBe(true);
  });

  test('flushes on shutdown, and replays within its memory', () => {
    expect(config.ingester.wal).toEqual({
      enabled: true,
      dir: '/var/loki/wal',
      flush_on_shutdown: true,
      replay_memory_ceiling: '409MB',
    });
  });

  test('caches within its memory', () => {
    expect(config.chunk_store_config.chunk_cache_config.embedded_cache).toEqual({
      enabled: true,
      max_size_mb: 107,
    });
    expect(config.query_range.results_cache.cache.embedded_cache).toEqual({ enabled: true, max_size_mb: 53 });
  });

  test('is one tenant, one process and silent to its maker', () => {
    expect(config).toMatchObject({
      auth_enabled: false,
      analytics: { reporting_enabled: false },
      common: { instance_addr: '127.0.0.1', replication_factor: 1, ring: { kvstore: { store: 'inmemory' } } },
      server: { grpc_listen_address: '127.0.0.1' },
    });
  });

  test('takes no deletions through its open API', () => {
    expect(config.limits_config.deletion_mode).toBe('disabled');
  });
});

test('Loki can write to /tmp, without which its compactor deletes nothing', async () => {
  const { resources } = await renderStack('dev');
  const { inputs } = resources.find(
    ({ name, inputs: { kind } }) => kind === 'StatefulSet' && name === 'loki',
  )!;
  expect(inputs.spec.template.spec.containers[0].volumeMounts).toContainEqual({
    name: 'tmp',
    mountPath: '/tmp',
    readOnly: false,
  });
});
