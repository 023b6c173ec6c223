import type { AlertCase } from './case';

const KSM = 'job="kube-state-metrics",instance="kube-state-metrics-0",namespace="shop"';
const ksm = { job: 'kube-state-metrics', instance: 'kube-state-metrics-0', namespace: 'shop' };
const CONTAINER = `${KSM},pod="web-1",container="web"`;
const container = { ...ksm, pod: 'web-1', container: 'web' };

const unscheduled = (owner: string): Record<string, string> => ({
  [`kube_pod_status_phase{${KSM},pod="web-1",phase="Pending"}`]: '1x20',
  [`kube_pod_status_phase{${KSM},pod="web-1",phase="Running"}`]: '0x20',
  [`kube_pod_owner{${KSM},pod="web-1",owner_kind="${owner}"}`]: '1x20',
});
const unready = (phase: string): Record<string, string> => ({
  [`kube_pod_status_phase{${KSM},pod="web-2",phase="${phase}"}`]: '1x20',
  [`kube_pod_status_ready{${KSM},pod="web-2",condition="false"}`]: '1x20',
});

/** A workload that wants three replicas, has two, and whose roll-out moves or not. */
const replicas = (
  wanted: string,
  available: string,
  updated: string,
  progress: string,
): Record<string, string> => ({
  [`${wanted}`]: '3x30',
  [`${available}`]: '2x30',
  [`${updated}`]: progress,
});
const deployment = (progress: string) =>
  replicas(
    `kube_deployment_spec_replicas{${KSM},deployment="web"}`,
    `kube_deployment_status_replicas_available{${KSM},deployment="web"}`,
    `kube_deployment_status_replicas_updated{${KSM},deployment="web"}`,
    progress,
  );
const statefulSet = (progress: string) =>
  replicas(
    `kube_statefulset_replicas{${KSM},statefulset="db"}`,
    `kube_statefulset_status_replicas_ready{${KSM},statefulset="db"}`,
    `kube_statefulset_status_replicas_updated{${KSM},statefulset="db"}`,
    progress,
  );
const daemonSet = (progress: string) =>
  replicas(
    `kube_daemonset_status_desired_number_scheduled{${KSM},daemonset="agent"}`,
    `kube_daemonset_status_number_available{${KSM},daemonset="agent"}`,
    `kube_daemonset_status_updated_number_scheduled{${KSM},daemonset="agent"}`,
    progress,
  );
const ROLLING = '0+1x30';
const STUCK = '3x30';

export const workloadCases: AlertCase[] = [
  {
    alert: 'KubePodCrashLooping',
    severity: 'warning',
    fires: {
      // between two crashes the container runs for a moment
      series: {
        [`kube_pod_container_status_waiting_reason{${CONTAINER},reason="CrashLoopBackOff"}`]:
          '1 1 1 0 1 1 1 0 1x20',
      },
      at: '16m',
      alerts: [
        {
          labels: { ...container, reason: 'CrashLoopBackOff' },
          description: 'Container web of pod shop/web-1 has been in CrashLoopBackOff for 15 minutes.',
        },
      ],
    },
    silent: {
      series: {
        [`kube_pod_container_status_waiting_reason{${CONTAINER},reason="CrashLoopBackOff"}`]: '1x5 0x20',
      },
      at: '16m',
    },
  },
  {
    alert: 'KubePodNotReady',
    severity: 'warning',
    fires: {
      series: { ...unscheduled('ReplicaSet'), ...unready('Running') },
      at: '16m',
      alerts: [
        {
          labels: { namespace: 'shop', pod: 'web-1' },
          description: 'Pod shop/web-1 has not been ready for 15 minutes.',
        },
        {
          labels: { namespace: 'shop', pod: 'web-2' },
          description: 'Pod shop/web-2 has not been ready for 15 minutes.',
        },
      ],
    },
    silent: { series: { ...unscheduled('Job'), ...unready('Succeeded') }, at: '16m' },
  },
  {
    alert: 'KubeContainerWaiting',
    severity: 'warning',
    fires: {
      series: {
        [`kube_pod_container_status_waiting_reason{${CONTAINER},reason="ImagePullBackOff"}`]: '1x20',
      },
      at: '16m',
      alerts: [
        {
          labels: { ...container, reason: 'ImagePullBackOff' },
          description: 'Container web of pod shop/web-1 cannot start: ImagePullBackOff.',
        },
      ],
    },
    silent: {
      series: {
        [`kube_pod_container_status_waiting_reason{${CONTAINER},reason="ContainerCreating"}`]: '1x20',
      },
      at: '16m',
    },
  },
  {
    alert: 'KubeContainerOOMKilled',
    severity: 'warning',
    fires: {
      series: {
        [`kube_pod_container_status_restarts_total{${CONTAINER}}`]: '0x5 1x20',
        [`kube_pod_container_status_last_terminated_reason{${CONTAINER},reason="OOMKilled"}`]: '0x5 1x20',
      },
      at: '10m',
      alerts: [
        {
          labels: container,
          description: 'Container web of pod shop/web-1 was OOM-killed within the last 15 minutes.',
        },
      ],
    },
    silent: {
      // killed long ago, restarted by nobody since
      series: {
        [`kube_pod_container_status_restarts_total{${CONTAINER}}`]: '1x40',
        [`kube_pod_container_status_last_terminated_reason{${CONTAINER},reason="OOMKilled"}`]: '1x40',
      },
      at: '30m',
    },
  },
  {
    alert: 'KubeDeploymentReplicasMismatch',
    severity: 'warning',
    fires: {
      series: deployment(STUCK),
      at: '16m',
      alerts: [
        {
          labels: { ...ksm, deployment: 'web' },
          description: 'Deployment shop/web wants 3 replicas and has had fewer for 15 minutes.',
        },
      ],
    },
    silent: { series: deployment(ROLLING), at: '16m' },
  },
  {
    alert: 'KubeStatefulSetReplicasMismatch',
    severity: 'warning',
    fires: {
      series: statefulSet(STUCK),
      at: '16m',
      alerts: [
        {
          labels: { ...ksm, statefulset: 'db' },
          description: 'StatefulSet shop/db wants 3 replicas and has had fewer for 15 minutes.',
        },
      ],
    },
    silent: { series: statefulSet(ROLLING), at: '16m' },
  },
  {
    alert: 'KubeDaemonSetPodsMissing',
    severity: 'warning',
    fires: {
      series: daemonSet(STUCK),
      at: '16m',
      alerts: [
        {
          labels: { ...ksm, daemonset: 'agent' },
          description: 'DaemonSet shop/agent has been unavailable on 1 nodes for 15 minutes.',
        },
      ],
    },
    silent: { series: daemonSet(ROLLING), at: '16m' },
  },
  {
    alert: 'KubeJobFailed',
    severity: 'warning',
    fires: {
      series: { [`kube_job_failed{${KSM},job_name="backup",condition="true"}`]: '1x20' },
      at: '6m',
      alerts: [
        {
          labels: { ...ksm, job_name: 'backup', condition: 'true' },
          description: 'Job shop/backup failed; it stays failed until it is deleted.',
        },
      ],
    },
    silent: {
      series: {
        [`kube_job_failed{${KSM},job_name="backup",condition="true"}`]: '0x20',
        [`kube_job_failed{${KSM},job_name="backup",condition="false"}`]: '1x20',
      },
      at: '6m',
    },
  },
];
