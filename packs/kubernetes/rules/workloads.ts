import type { RuleGroup } from '../../../components/contracts';
import { alert } from '../../alert';

const KSM = 'job="kube-state-metrics"';
const POD = '{{ $labels.namespace }}/{{ $labels.pod }}';
const CONTAINER = `{{ $labels.container }} of pod ${POD}`;

/** Pods and containers that do not run as asked for. Needs kube-state-metrics. */
export function podRules(): RuleGroup {
  return {
    name: 'pods',
    rules: [
      alert('KubePodCrashLooping', {
        severity: 'warning',
        expr: `max_over_time(kube_pod_container_status_waiting_reason{${KSM},reason="CrashLoopBackOff"}[5m]) >= 1`,
        for: '15m',
        summary: 'A container keeps crashing.',
        description: `Container ${CONTAINER} has been in CrashLoopBackOff for 15 minutes.`,
      }),
      alert('KubePodNotReady', {
        severity: 'warning',
        expr: `
          (
          max by (namespace, pod) (kube_pod_status_phase{${KSM},phase=~"Pending|Unknown"}) > 0
          or max by (namespace, pod) (kube_pod_status_ready{${KSM},condition="false"}) > 0
          and on (namespace, pod) kube_pod_status_phase{${KSM},phase="Running"} == 1
          )
          unless on (namespace, pod) kube_pod_owner{${KSM},owner_kind="Job"}`,
        for: '15m',
        summary: 'A pod is not ready.',
        description: `Pod ${POD} has not been ready for 15 minutes.`,
      }),
      alert('KubeContainerWaiting', {
        severity: 'warning',
        expr: `
          kube_pod_container_status_waiting_reason{${KSM},reason=~"ImagePullBackOff|ErrImagePull|InvalidImageName|CreateContainerConfigError|CreateContainerError|RunContainerError"} == 1`,
        for: '15m',
        summary: 'A container cannot be started.',
        description: `Container ${CONTAINER} cannot start: {{ $labels.reason }}.`,
      }),
      alert('KubeContainerOOMKilled', {
        severity: 'warning',
        expr: `
          increase(kube_pod_container_status_restarts_total{${KSM}}[15m]) > 0
          and on (namespace, pod, container)
          kube_pod_container_status_last_terminated_reason{${KSM},reason="OOMKilled"} == 1`,
        summary: 'A container was killed for using more memory than its limit.',
        description: `Container ${CONTAINER} was OOM-killed within the last 15 minutes.`,
      }),
    ],
  };
}

/** Deployments, StatefulSets, DaemonSets and Jobs that do not get where they should. Needs kube-state-metrics. */
export function workloadRules(): RuleGroup {
  return {
    name: 'workloads',
    rules: [
      alert('KubeDeploymentReplicasMismatch', {
        severity: 'warning',
        expr: `
          kube_deployment_spec_replicas{${KSM}} > kube_deployment_status_replicas_available{${KSM}}
          and changes(kube_deployment_status_replicas_updated{${KSM}}[10m]) == 0`,
        for: '15m',
        summary: 'A Deployment lacks replicas.',
        description:
          'Deployment {{ $labels.namespace }}/{{ $labels.deployment }} wants {{ $value }} replicas and has had fewer for 15 minutes.',
      }),
      alert('KubeStatefulSetReplicasMismatch', {
        severity: 'warning',
        expr: `
          kube_statefulset_replicas{${KSM}} > kube_statefulset_status_replicas_ready{${KSM}}
          and changes(kube_statefulset_status_replicas_updated{${KSM}}[10m]) == 0`,
        for: '15m',
        summary: 'A StatefulSet lacks replicas.',
        description:
          'StatefulSet {{ $labels.namespace }}/{{ $labels.statefulset }} wants {{ $value }} replicas and has had fewer for 15 minutes.',
      }),
      alert('KubeDaemonSetPodsMissing', {
        severity: 'warning',
        expr: `
          kube_daemonset_status_desired_number_scheduled{${KSM}} - kube_daemonset_status_number_available{${KSM}} > 0
          and changes(kube_daemonset_status_updated_number_scheduled{${KSM}}[10m]) == 0`,
        for: '15m',
        summary: 'A DaemonSet does not run on every node it should.',
        description:
          'DaemonSet {{ $labels.namespace }}/{{ $labels.daemonset }} has been unavailable on {{ $value }} nodes for 15 minutes.',
      }),
      alert('KubeJobFailed', {
        severity: 'warning',
        expr: `kube_job_failed{${KSM},condition="true"} == 1`,
        for: '5m',
        summary: 'A Job failed.',
        description:
          'Job {{ $labels.namespace }}/{{ $labels.job_name }} failed; it stays failed until it is deleted.',
      }),
    ],
  };
}
