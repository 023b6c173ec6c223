/** Words for a level that the severity parser does not know by itself. */
const LEVELS = {
  fatal: ['crit', 'critical', 'panic', 'dpanic', 'alert', 'emerg'],
  info: ['notice', 'information'],
};

/** The first letter of a line of klog, which Kubernetes' own programs log with. */
const KLOG_LEVELS = { info: 'I', warn: 'W', error: 'E', fatal: 'F' };

/** `"level":"info"`, `level=info`, or a line that starts with `INFO` or `[INFO]`. */
const LEVEL =
  '(?i)(?:\\b(?:level|lvl|levelname|severity)"?\\s*[:=]\\s*"?|^\\[?)' +
  '(?P<level>trace|debug|info|information|notice|warn|warning|err|error|crit|critical|fatal|d?panic|alert|emerg)\\b';

/** `I0102 15:04:05.000000` */
const KLOG_LEVEL = '^(?P<level>[IWEF])\\d{4} \\d{2}:\\d{2}:';

/** `"trace_id":"…"`, `traceID=…`, `otelTraceID=…` and the like: names differ, the identifier does not. */
const TRACE_ID = '(?i)trace_?id"?\\s*[:=]\\s*"?(?P<trace_id>[0-9a-f]{32})\\b';
const SPAN_ID = '(?i)span_?id"?\\s*[:=]\\s*"?(?P<span_id>[0-9a-f]{16})\\b';

const PARSED = 'attributes.parsed';

/**
 * Puts what a pattern finds in the line beside it, under the operator's own name. Most lines hold no such thing,
 * so none is an error.
 */
const find = (id: string, regex: string, severity?: object) => ({
  type: 'regex_parser',
  id,
  regex,
  parse_from: 'body',
  parse_to: `${PARSED}.${id}`,
  on_error: 'send_quiet',
  ...(severity && { severity: { parse_from: `${PARSED}.${id}.level`, mapping: severity } }),
});

const remove = (field: string) => ({ type: 'remove', field, on_error: 'send_quiet' });

/**
 * Operators on a line of a container's log: unpack it, join what the runtime split, name its pod, and lift
 * severity, trace and span out of the text, whether it is JSON, logfmt or plain. The text itself stays as it is.
 *
 * @see https://pkg.go.dev/github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza
 */
export function logParsing() {
  return [
    { type: 'container', max_log_size: '1MiB', on_error: 'send_quiet' },
    find('text', LEVEL, LEVELS),
    find('klog', KLOG_LEVEL, KLOG_LEVELS),
    find('trace', TRACE_ID),
    find('span', SPAN_ID),
    {
      // one for both: it empties what it does not find
      type: 'trace_parser',
      trace_id: { parse_from: `${PARSED}.trace.trace_id` },
      span_id: { parse_from: `${PARSED}.span.span_id` },
      on_error: 'send_quiet',
    },
    remove(PARSED),
    // the pod and container say the same
    remove('attributes["log.file.path"]'),
    remove('attributes.logtag'),
  ];
}
