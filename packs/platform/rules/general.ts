import type { PackContext, RuleGroup } from '../../../components/contracts';
import { alert } from '../../alert';

/** One pod per node: some may be down while the component works. */
const DAEMONS = ['collector-agent', 'node-exporter'];

const labelled = (component: string): string => `label_replace(vector(1), "job", "${component}", "", "")`;

/** What holds for every target and every component. */
export function generalRules({ components }: PackContext): RuleGroup {
  const single = components.filter((component) => !DAEMONS.includes(component)).join('|');
  return {
    name: 'general',
    rules: [
      alert('Watchdog', {
        severity: 'none',
        expr: 'vector(1)',
        summary: 'The chain of alerting works.',
        description: 'This alert always fires. When it stops arriving, alerts do not arrive.',
      }),
      alert('ComponentDown', {
        severity: 'critical',
        expr: `
          (${components.map(labelled).join('\nor ')})
          unless on (job) up == 1`,
        for: '5m',
        summary: 'A component of the platform is down.',
        description: 'No pod of {{ $labels.job }} has answered a scrape for 5 minutes.',
      }),
      alert('ComponentRestarting', {
        severity: 'warning',
        expr: `changes(process_start_time_seconds{job=~"${components.join('|')}"}[1h]) > 3`,
        summary: 'A component of the platform keeps restarting.',
        description: '{{ $labels.job }} ({{ $labels.instance }}) started {{ $value }} times within an hour.',
      }),
      alert('TargetDown', {
        severity: 'warning',
        expr: `
          count by (job, namespace) (up{job!~"apiserver|kubelet|${single}"} == 0)
          / count by (job, namespace) (up{job!~"apiserver|kubelet|${single}"}) > 0.1`,
        for: '10m',
        summary: 'Targets cannot be scraped.',
        description:
          '{{ $value | humanizePercentage }} of the targets of job {{ $labels.job }} have not answered for 10 minutes.',
      }),
    ],
  };
}
