import { agentConfig } from '../../components/collector-agent/config';
import { logParsing } from '../../components/collector-agent/parsing';

const config = agentConfig({
  memory: '256Mi',
  cluster: 'prod-1',
  otlp: { grpc: 'http://collector.o.svc:4317', http: 'http://collector.o.svc:4318' },
  podLogsPath: '/var/log/pods',
});

describe('agentConfig', () => {
  test('reads the logs of pods from the start, rotated files too, and remembers how far', () => {
    expect(config.receivers['file_log/pods']).toMatchObject({
      include: ['/var/log/pods/*/*/*.log', '/var/log/pods/*/*/*.log.*'],
      exclude: ['**/*.gz', '**/*.tmp'],
      start_at: 'beginning',
      include_file_path: true,
      storage: 'file_storage',
      max_log_size: '1MiB',
      retry_on_failure: { enabled: true, max_elapsed_time: '0s' },
    });
    expect(config.extensions.file_storage.directory).toBe('/var/lib/otelcol/storage');
  });

  test('sends everything to the collector through a queue on the node', () => {
    expect(config.exporters).toEqual({
      otlp_grpc: {
        endpoint: 'http://collector.o.svc:4317',
        tls: { insecure: true },
        sending_queue: {
          storage: 'file_storage',
          sizer: 'bytes',
          queue_size: 67_108_864,
          block_on_overflow: false,
          batch: { flush_timeout: '200ms', min_size: 1_048_576, max_size: 3_145_728 },
        },
        retry_on_failure: { max_elapsed_time: '0s' },
      },
    });
    for (const { exporters, processors } of Object.values(config.service.pipelines)) {
      expect(exporters).toEqual(['otlp_grpc']);
      expect(processors[0]).toBe('memory_limiter');
    }
  });

  test('measures the node under the name of the node', () => {
    expect(Object.keys(config.receivers.host_metrics.scrapers)).toEqual([
      'cpu',
      'disk',
      'filesystem',
      'load',
      'memory',
      'paging',
    ]);
    expect(config.processors['resource/host'].attributes).toEqual([
      { action: 'insert', key: 'k8s.cluster.name', value: 'prod-1' },
      { action: 'insert', key: 'k8s.node.name', value: '${env:NODE_NAME:-unknown}' },
      { action: 'insert', key: 'host.name', value: '${env:NODE_NAME:-unknown}' },
      { action: 'insert', key: 'service.name', value: 'collector-agent' },
      { action: 'insert', key: 'service.instance.id', value: '${env:NODE_NAME:-unknown}' },
    ]);
  });
});

describe('logParsing', () => {
  const operators = logParsing();

  /** What the operator finds, by Go's syntax for flags and groups. */
  function found(id: string, line: string): string | undefined {
    const operator = operators.find((each) => 'id' in each && each.id === id) as { regex: string };
    const ignoreCase = operator.regex.startsWith('(?i)');
    const pattern = operator.regex.replace('(?i)', '').replace('(?P<', '(?<');
    return Object.values(new RegExp(pattern, ignoreCase ? 'i' : '').exec(line)?.groups ?? {})[0];
  }

  const trace = '5b8aa5a2d2c872e8321cf37308d69df2';
  const span = '051581bf3cb55c13';

  test.each([
    ['{"timestamp":"2026-01-01T00:00:00Z","level":"ERROR","message":"bench offline"}', 'ERROR'],
    ['{"severity": "warning", "msg": "slow"}', 'warning'],
    ['ts=2026-01-01T00:00:00Z level=info msg="level=debug is off"', 'info'],
    ['[INFO] 10.0.0.1:53 - 1 "A IN example.org"', 'INFO'],
    ['ERROR:    Exception in ASGI application', 'ERROR'],
    ['Error: connection refused', 'Error'],
    ['the levels of errors are informative', undefined],
    ['levelled=information', undefined],
  ])('level of %s', (line, level) => expect(found('text', line)).toBe(level));

  test.each([
    ['E0102 15:04:05.000000       1 reflector.go:1] failed', 'E'],
    ['I1121 08:18:11.123456       1 main.go:42] ready', 'I'],
    ['Error 15:04:05', undefined],
    ['I have 1234 15:04:05', undefined],
  ])('klog level of %s', (line, level) => expect(found('klog', line)).toBe(level));

  test.each([
    [`{"level":"info","trace_id":"${trace}","span_id":"${span}"}`, trace, span],
    [`{"context":{"traceId": "${trace}", "spanId": "${span}"}}`, trace, span],
    [`level=info traceID=${trace} msg=done`, trace, undefined],
    [`[trace_id=${trace} span_id=${span} trace_sampled=True] - done`, trace, span],
    [`{"otelTraceID":"${trace}","otelSpanID":"${span}"}`, trace, span],
    [`{"traceid":"${trace}","spanID":"${span}"}`, trace, span],
    [`{"trace_id":"0","span_id":""}`, undefined, undefined],
    [`stack trace ${trace}`, undefined, undefined],
    [`trace_id=${trace}00`, undefined, undefined],
  ])('trace and span of %s', (line, traceId, spanId) => {
    expect([found('trace', line), found('span', line)]).toEqual([traceId, spanId]);
  });

  test('loses no line that holds nothing of it', () => {
    expect(operators.map(({ on_error }) => on_error)).toEqual(operators.map(() => 'send_quiet'));
    expect(operators[0]).toMatchObject({ type: 'container' });
  });
});
