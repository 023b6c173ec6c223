import { createHash } from 'node:crypto';
import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { stringify } from 'yaml';
import { type ImageName } from './images';
import { podTemplate, type Port, type Workload } from './workload';

/** What every component is given: where it lives and how its data is kept. */
export interface Context {
  namespace: string;
  /** The reference to pull for an image. */
  image: (name: ImageName) => string;
  /** StorageClass of the claims; the cluster's default when absent. */
  storageClass?: string;
  /** Refuse to delete the claims until they are unprotected. */
  protectData: boolean;
}

/** Text files of one ConfigMap. `hash` changes with the content. */
export interface ConfigFiles {
  name: string;
  hash: string;
}

/** A workload without what the component adds by itself. */
export type WorkloadArgs = Omit<Workload, 'component'>;

type PolicyRule = k8s.types.input.rbac.v1.PolicyRule;

/** A configuration file's text: no aliases and no folded lines, so that each setting is a line of the diff. */
export function toYaml(configuration: unknown): string {
  return stringify(configuration, { aliasDuplicateObjects: false, lineWidth: 0 });
}

/** Hash of a value's JSON, short enough for a name: 10 hexadecimal digits. */
export function contentHash(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 10);
}

/** Labels that select a component's pods; they never change. */
export function selectorLabels(component: string): Record<string, string> {
  return { 'app.kubernetes.io/name': component, 'app.kubernetes.io/instance': 'observatory' };
}

/** Labels of every object of a component. */
export function commonLabels(component: string): Record<string, string> {
  return {
    ...selectorLabels(component),
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/part-of': 'observatory',
    'app.kubernetes.io/managed-by': 'pulumi',
  };
}

/**
 * Base of the platform's components. The type token is `observatory:components:<Kind>`; children carry the
 * component's name, the common labels and `parent: this`.
 */
export abstract class Component extends pulumi.ComponentResource {
  /** The name of pods, Services and labels, e.g. `loki`. */
  readonly component: string;
  protected readonly context: Context;
  private readonly labels: Record<string, string>;

  constructor(kind: string, component: string, context: Context, opts: pulumi.ComponentResourceOptions) {
    super(`observatory:components:${kind}`, component, {}, opts);
    this.component = component;
    this.context = context;
    this.labels = commonLabels(component);
  }

  protected metadata(name: string): { name: string; namespace: string; labels: Record<string, string> } {
    return { name, namespace: this.context.namespace, labels: this.labels };
  }

  protected child(opts: pulumi.CustomResourceOptions = {}): pulumi.CustomResourceOptions {
    return pulumi.mergeOptions({ parent: this }, opts);
  }

  /** Files in an immutable ConfigMap named after its content, so that a change makes a new one before the old goes. */
  protected configFiles(suffix: string, data: Record<string, string>): ConfigFiles {
    const hash = contentHash(data);
    const name = `${this.component}-${suffix}-${hash}`;
    new k8s.core.v1.ConfigMap(
      `${this.component}-${suffix}`,
      { metadata: this.metadata(name), data, immutable: true },
      this.child(),
    );
    return { name, hash };
  }

  /** A Secret with a generated name; returns that name. */
  protected secret(suffix: string, stringData: Record<string, pulumi.Input<string>>): pulumi.Output<string> {
    const { namespace, labels } = this.metadata('');
    const secret = new k8s.core.v1.Secret(
      `${this.component}-${suffix}`,
      { metadata: { namespace, labels }, stringData, immutable: true },
      this.child({ additionalSecretOutputs: ['stringData', 'data'] }),
    );
    return secret.metadata.name;
  }

  /** The component's own ServiceAccount, with rights on the cluster when rules are given. */
  protected serviceAccount(clusterRules: PolicyRule[] = []): pulumi.Output<string> {
    const account = new k8s.core.v1.ServiceAccount(
      this.component,
      { metadata: this.metadata(this.component), automountServiceAccountToken: false },
      this.child(),
    );
    if (clusterRules.length > 0) {
      const name = `${this.context.namespace}-${this.component}`;
      new k8s.rbac.v1.ClusterRole(
        this.component,
        { metadata: { name, labels: this.labels }, rules: clusterRules },
        this.child(),
      );
      new k8s.rbac.v1.ClusterRoleBinding(
        this.component,
        {
          metadata: { name, labels: this.labels },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
          subjects: [{ kind: 'ServiceAccount', name: this.component, namespace: this.context.namespace }],
        },
        this.child(),
      );
    }
    return account.metadata.name;
  }

  /** The Service that clients use. `clusterIP: None` makes it headless. */
  protected service(ports: Port[], overrides: { name?: string; clusterIP?: string } = {}): void {
    const { name = this.component, clusterIP } = overrides;
    new k8s.core.v1.Service(
      name,
      {
        metadata: this.metadata(name),
        spec: {
          selector: selectorLabels(this.component),
          ports: ports.map(({ name: port, port: number, protocol = 'TCP' }) => ({
            name: port,
            port: number,
            targetPort: port,
            protocol,
          })),
          ...(clusterIP && { clusterIP }),
          ...(clusterIP === 'None' && { publishNotReadyAddresses: true }),
        },
      },
      this.child(),
    );
  }

  /**
   * A StatefulSet of one replica with its headless Service and, for `volumeSize`, its claim. The claim is a
   * resource of its own under the name that the StatefulSet adopts: growing it replaces nothing, and it stays
   * when the component goes.
   *
   * @see https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-storage
   */
  protected statefulSet(workload: WorkloadArgs, volumeSize: string): k8s.apps.v1.StatefulSet {
    const headless = `${this.component}-headless`;
    this.service(workload.ports, { name: headless, clusterIP: 'None' });
    const claimSpec = {
      accessModes: ['ReadWriteOnce'],
      ...(this.context.storageClass && { storageClassName: this.context.storageClass }),
    };
    const claim = new k8s.core.v1.PersistentVolumeClaim(
      `data-${this.component}-0`,
      {
        metadata: {
          ...this.metadata(`data-${this.component}-0`),
          // a claim that waits for its first consumer would block its own StatefulSet
          annotations: { 'pulumi.com/skipAwait': 'true' },
        },
        spec: { ...claimSpec, resources: { requests: { storage: volumeSize } } },
      },
      this.child({ protect: this.context.protectData, retainOnDelete: true }),
    );
    return new k8s.apps.v1.StatefulSet(
      this.component,
      {
        metadata: this.metadata(this.component),
        spec: {
          replicas: 1,
          serviceName: headless,
          podManagementPolicy: 'Parallel',
          selector: { matchLabels: selectorLabels(this.component) },
          template: this.pod(workload),
          volumeClaimTemplates: [
            {
              apiVersion: 'v1',
              kind: 'PersistentVolumeClaim',
              metadata: { name: 'data' },
              // the claim above decides the size: a template that never changes never replaces the StatefulSet
              spec: { ...claimSpec, resources: { requests: { storage: '1Gi' } } },
            },
          ],
        },
      },
      this.child({ dependsOn: [claim] }),
    );
  }

  /** A Deployment of one replica, for what keeps nothing. */
  protected deployment(workload: WorkloadArgs): k8s.apps.v1.Deployment {
    return new k8s.apps.v1.Deployment(
      this.component,
      {
        metadata: this.metadata(this.component),
        spec: {
          replicas: 1,
          selector: { matchLabels: selectorLabels(this.component) },
          template: this.pod(workload),
        },
      },
      this.child(),
    );
  }

  /** One pod on every node, those with taints included. */
  protected daemonSet(workload: WorkloadArgs): k8s.apps.v1.DaemonSet {
    return new k8s.apps.v1.DaemonSet(
      this.component,
      {
        metadata: this.metadata(this.component),
        spec: {
          selector: { matchLabels: selectorLabels(this.component) },
          template: this.pod({ node: {}, ...workload }),
        },
      },
      this.child(),
    );
  }

  private pod(workload: WorkloadArgs): k8s.types.input.core.v1.PodTemplateSpec {
    return podTemplate({ component: this.component, ...workload }, this.labels);
  }
}
