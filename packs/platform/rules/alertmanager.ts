import type { RuleGroup } from '../../../components/contracts';
import { alert } from '../../alert';

const JOB = 'job="alertmanager"';

/** Alertmanager: its configuration, its state and what it sends. */
export function alertmanagerRules(): RuleGroup {
  return {
    name: 'alertmanager',
    rules: [
      alert('AlertmanagerConfigReloadFailed', {
        severity: 'critical',
        expr: `max_over_time(alertmanager_config_last_reload_successful{${JOB}}[5m]) == 0`,
        for: '10m',
        summary: 'Alertmanager runs with an old configuration.',
        description: '{{ $labels.instance }} could not load its configuration.',
      }),
      alert('AlertmanagerNotificationsFailing', {
        severity: 'critical',
        expr: `
          sum by (job, instance, integration) (rate(alertmanager_notifications_failed_total{${JOB}}[5m]))
          / sum by (job, instance, integration) (rate(alertmanager_notifications_total{${JOB}}[5m])) > 0.01`,
        for: '5m',
        summary: 'Notifications do not reach their receiver.',
        description:
          '{{ $value | humanizePercentage }} of the notifications of {{ $labels.instance }} to {{ $labels.integration }} fail.',
      }),
      alert('AlertmanagerStateNotSaved', {
        severity: 'warning',
        expr: `
          increase(alertmanager_silences_maintenance_errors_total{${JOB}}[1h])
          + increase(alertmanager_nflog_maintenance_errors_total{${JOB}}[1h]) > 0`,
        summary: 'Silences would be lost in a restart.',
        description:
          '{{ $labels.instance }} failed {{ $value | humanize }} times in an hour to save silences or the notification log.',
      }),
    ],
  };
}
