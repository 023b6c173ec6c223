import * as k8s from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import { Component, selectorLabels, type Context } from '../component';
import { allowDns, defaultDeny, flowPolicies, podSecurityLabels, type Flow } from './config';

export interface NamespacesArgs {
  /** Namespace of everything but the agent; it enforces the Pod Security level `restricted`. */
  platform: string;
  /** Namespace of what needs the node itself; `privileged`. */
  agent: string;
}

/**
 * The platform's two namespaces, with Pod Security levels. The platform's holds the data and is protected with it:
 * the claims go when their namespace goes.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export class Namespaces extends Component {
  constructor(context: Context, args: NamespacesArgs, opts: pulumi.ComponentResourceOptions) {
    super('Namespaces', 'namespaces', context, opts);
    this.namespace(args.platform, podSecurityLabels('restricted'), context.protectData);
    this.namespace(args.agent, podSecurityLabels('privileged'), false);
    this.registerOutputs();
  }

  private namespace(name: string, podSecurity: Record<string, string>, protect: boolean): void {
    const { labels } = this.metadata(name);
    new k8s.core.v1.Namespace(
      name,
      { metadata: { name, labels: { ...labels, ...podSecurity } } },
      this.child({ protect }),
    );
  }
}

export interface PoliciesArgs {
  /** Namespaces where everything is denied but DNS and the flows. */
  namespaces: string[];
  flows: Flow[];
}

/**
 * Network policies: everything is denied but DNS and the given flows. They work where the cluster's network plugin
 * enforces them.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export class Policies extends Component {
  constructor(context: Context, { namespaces, flows }: PoliciesArgs, opts: pulumi.ComponentResourceOptions) {
    super('Policies', 'network-policies', context, opts);
    const policies = [
      ...namespaces.flatMap((namespace) => [defaultDeny(namespace), allowDns(namespace)]),
      ...flowPolicies(flows, selectorLabels),
    ];
    for (const { name, namespace, spec } of policies) {
      new k8s.networking.v1.NetworkPolicy(
        `${namespace}-${name}`,
        { metadata: { ...this.metadata(name), namespace }, spec },
        this.child(),
      );
    }
    this.registerOutputs();
  }
}
