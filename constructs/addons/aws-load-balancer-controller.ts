import type { Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Versions } from '../../lib/versions';
import { HelmAddon, type AddonContext, type HelmAddonOptions, type HelmRelease, type HelmValues } from './addon';
import { loadBalancerPolicy } from './private/load-balancer-policy';

/** Options of the AWS Load Balancer Controller. */
export interface AwsLoadBalancerControllerOptions extends HelmAddonOptions {
  /**
   * Id of the VPC that load balancers are made in.
   *
   * @default - the cluster's VPC; an imported cluster has one when it is imported with 'vpc'
   */
  readonly vpcId?: string;

  /**
   * Make a load balancer of this controller for every Service of type LoadBalancer that names no class.
   *
   * It is a webhook on every new Service of the cluster: while the controller is not ready, none can be made.
   *
   * @default false - a Service asks for it with `loadBalancerClass: service.k8s.aws/nlb`
   */
  readonly defaultLoadBalancerClass?: boolean;
}

/**
 * The AWS Load Balancer Controller, which makes Application and Network Load Balancers for Ingresses and Services.
 *
 * Load balancers are deleted by the controller: what asks for one must depend on this add-on, so that it is removed
 * first and leaves no load balancer behind.
 */
export class AwsLoadBalancerController extends HelmAddon {
  public readonly name: string = 'aws-load-balancer-controller';

  protected readonly release: HelmRelease = {
    repository: 'https://aws.github.io/eks-charts',
    chart: 'aws-load-balancer-controller',
    version: Versions.AWS_LOAD_BALANCER_CONTROLLER_CHART,
    namespace: 'kube-system',
    controllers: [''],
  };

  constructor(private readonly controller: AwsLoadBalancerControllerOptions = {}) {
    super(controller);
  }

  /** @internal */
  protected _values(stack: Stack, context: AddonContext): HelmValues {
    return {
      clusterName: context.cluster.clusterName,
      region: stack.region, // asked of the instance metadata otherwise, which pods do not reach
      vpcId: this.controller.vpcId ?? vpcIdOf(context),
      serviceAccount: { name: this.name },
      enableServiceMutatorWebhook: this.controller.defaultLoadBalancerClass ?? false,
    };
  }

  /** @internal */
  protected _policyStatements(stack: Stack, context: AddonContext): PolicyStatement[] {
    return loadBalancerPolicy(stack, context.cluster.clusterName);
  }
}

function vpcIdOf(context: AddonContext): string {
  try {
    return context.cluster.vpc.vpcId;
  } catch {
    throw new Error(
      `the add-on 'aws-load-balancer-controller' needs the VPC of the cluster (${context.cluster.node.path}), which is not ` +
        "known: pass 'vpcId', or import the cluster with 'vpc'",
    );
  }
}
