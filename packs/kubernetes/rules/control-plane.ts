import type { RuleGroup } from '../../../components/contracts';
import { alert } from '../../alert';

/** The API server, which every cluster lets its pods scrape, managed ones included. */
export function apiServerRules(): RuleGroup {
  return {
    name: 'apiserver',
    rules: [
      alert('KubeAPIServerDown', {
        severity: 'critical',
        expr: 'absent(up{job="apiserver"} == 1)',
        for: '10m',
        summary: 'No API server can be scraped.',
        description: 'No target of the job apiserver has answered for 10 minutes.',
      }),
      alert('KubeAPIErrors', {
        severity: 'critical',
        expr: `
          sum(rate(apiserver_request_total{job="apiserver",code=~"5.."}[5m]))
          / sum(rate(apiserver_request_total{job="apiserver"}[5m])) > 0.03`,
        for: '10m',
        summary: 'The API server answers with errors.',
        description: '{{ $value | humanizePercentage }} of the requests to the API server fail with 5xx.',
      }),
      alert('KubeAPILatencyHigh', {
        severity: 'warning',
        expr: `
          histogram_quantile(0.99, sum by (verb, le) (
            rate(apiserver_request_duration_seconds_bucket{job="apiserver",verb=~"GET|POST|PUT|PATCH|APPLY|DELETE",subresource!~"log|exec|attach|portforward|proxy"}[5m])
          )) > 1`,
        for: '15m',
        summary: 'The API server is slow.',
        description:
          'The 99th percentile of {{ $labels.verb }} requests takes {{ $value | humanizeDuration }}.',
      }),
    ],
  };
}

/** The kubelet of every node. */
export function kubeletRules(): RuleGroup {
  return {
    name: 'kubelet',
    rules: [
      alert('KubeletDown', {
        severity: 'critical',
        expr: 'up{job="kubelet"} == 0 or absent(up{job="kubelet"})',
        for: '10m',
        summary: 'A kubelet cannot be scraped.',
        description:
          'The kubelet of {{ with $labels.node }}node {{ . }}{{ else }}every node{{ end }} has not answered for 10 minutes.',
      }),
      alert('KubeletRuntimeSlow', {
        severity: 'warning',
        expr: `
          histogram_quantile(0.99, sum by (node, le) (
            rate(kubelet_pleg_relist_duration_seconds_bucket{job="kubelet"}[5m])
          )) > 5`,
        for: '10m',
        summary: 'The container runtime of a node is slow.',
        description:
          'The kubelet of node {{ $labels.node }} takes {{ $value | humanizeDuration }} to list its containers (99th percentile).',
      }),
      alert('KubeletCertificateExpiring', {
        severity: 'warning',
        expr: `
          min by (node) (
            {__name__=~"kubelet_certificate_manager_(client|server)_ttl_seconds",job="kubelet"}
          ) < 7 * 86400`,
        for: '15m',
        summary: "A kubelet's certificate is about to expire.",
        description:
          'A certificate of the kubelet of node {{ $labels.node }} expires in {{ $value | humanizeDuration }} and was not renewed.',
      }),
    ],
  };
}
