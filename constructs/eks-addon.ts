import { Stack } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ManagedAddon } from './managed-addon';
import { PodIdentity } from './pod-identity';
import { acknowledgeIam } from './private/acknowledge';

/** Properties of an EKS add-on. */
export interface EksAddonProps {
  /** The cluster. */
  readonly cluster: eks.ICluster;

  /** The add-on and how it is set up. */
  readonly addon: ManagedAddon;
}

/** An add-on that EKS installs and patches, with an AWS identity of its own where it needs one. */
export class EksAddon extends Construct {
  /** The AWS identity of the add-on, absent where it has none. */
  public readonly identity?: PodIdentity;

  /** The add-on itself. */
  public readonly resource: eks.CfnAddon;

  constructor(scope: Construct, id: string, props: EksAddonProps) {
    super(scope, id);
    const { name, options } = props.addon;
    this.resource = new eks.CfnAddon(this, 'Resource', {
      clusterName: props.cluster.clusterName,
      addonName: name,
      addonVersion: options.version,
      configurationValues: options.configuration && Stack.of(this).toJsonString(options.configuration),
      resolveConflicts: 'OVERWRITE',
      preserveOnDelete: false,
    });
    if (options.serviceAccount && options.managedPolicy) {
      this.identity = new PodIdentity(this, 'Identity', {
        cluster: props.cluster,
        namespace: 'kube-system',
        serviceAccount: options.serviceAccount,
        description: `EKS add-on ${name}`,
      });
      this.identity.role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName(options.managedPolicy));
      acknowledgeIam(this.identity, 'AWS keeps the policy of its own add-on up to date');
      this.resource.node.addDependency(this.identity); // pods read the association when they start
    }
  }
}
