import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Annotations, attachCustomSynthesis, Stack, Stage } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { ModelServerChart, ModelServerChartProps } from '../lib/charts/model-server-chart';
import type { Discount, ThroughputProfile } from '../lib/cost';
import { modelSummary } from '../lib/plan/model-summary';
import type { Plan } from '../lib/plan/plan';
import { type ClusterToPlan, planApp } from '../lib/plan/plan-app';
import { type ModelPlan, planModel, planRefused } from '../lib/plan/plan-model';
import { checkDiscount, checkRate } from '../lib/private/rates';
import type { InferenceCluster } from './inference-cluster';
import type { ModelServer } from './model-server';

/** A model server that was refused because its model does not fit. Not for jsii: only the command makes it. */
interface RefusedModel {
  /** What was asked for. */
  readonly refused: ModelServerChartProps;
}

/** Properties of a plan. */
export interface InferencePlanProps {
  /** The cluster, with everything that was added to it when the app is synthesized. */
  readonly inference: InferenceCluster;

  /**
   * Most that everything may cost at its largest, in US dollars an hour: with the most replicas of every model.
   *
   * @default - no limit
   */
  readonly budgetUsdPerHour?: number;

  /**
   * How much less than list price is paid for the nodes of pools that have no discount of their own. What is committed
   * is paid less for the system nodes as well.
   *
   * @default - list price
   */
  readonly discount?: Discount;

  /**
   * How much less than list price is paid for the nodes of a pool, by the pool's name.
   *
   * @default - as everywhere
   */
  readonly poolDiscounts?: { readonly [pool: string]: Discount };

  /**
   * Measured rates of tokens by the name of the model server, to know what a million tokens cost:
   * `BenchmarkResult.fromJson(text).throughput({ instanceType })`.
   *
   * @default - no cost of tokens is told
   */
  readonly throughputs?: { readonly [server: string]: ThroughputProfile };
}

/**
 * What an app does before it does it: whether its models fit, which nodes they get, what an hour costs, how long a start
 * takes. It is written beside the templates at synth, as `inference-plan.json`, for `npx inference plan cdk.out` and for
 * a review: two synths of the same app write the same bytes.
 *
 * Synth fails when the budget is passed, or when a pod can get no node. It makes no resource.
 */
export class InferencePlan extends Construct {
  /** Name of the file beside the templates. With several plans in one assembly, the stack's name is put in front. */
  public static readonly FILE = 'inference-plan.json';

  private readonly inference: InferenceCluster;
  private readonly props: InferencePlanProps;
  private readonly planned = new Map<ModelServerChart, { readonly pools: number; readonly plan: ModelPlan }>();

  /**
   * @throws when the budget is negative, a discount is no share, or a rate is none
   */
  constructor(scope: Construct, id: string, props: InferencePlanProps) {
    super(scope, id);
    const { inference, budgetUsdPerHour, discount, poolDiscounts = {}, throughputs = {} } = props;
    if (budgetUsdPerHour !== undefined && !(budgetUsdPerHour >= 0)) {
      throw new Error(`'budgetUsdPerHour' (${budgetUsdPerHour}) must be 0 or more, in US dollars an hour`);
    }
    checkDiscount('discount', discount);
    for (const [pool, given] of Object.entries(poolDiscounts)) checkDiscount(`poolDiscounts.${pool}`, given);
    for (const [server, throughput] of Object.entries(throughputs)) checkRate(`throughputs.${server}`, throughput);
    this.inference = inference;
    this.props = props;
    this.node.addValidation({ validate: () => this.check() });
    // the one hook that runs when the assembly is written; it is kept from jsii users only
    attachCustomSynthesis(this, { onSynthesize: ({ outdir }) => this.write(outdir) });
  }

  /** The plan of what has been added to the cluster so far. */
  public plan(): Plan {
    return this._planWith(this.inference.modelServers.map(({ chart }) => chart));
  }

  /** What is planned of one model server, in one line: for outputs and descriptions. Add its pools before. */
  public summary(server: ModelServer): string {
    return modelSummary(this.modelPlan(server.chart, this.cluster()).model);
  }

  /**
   * The plan with models that were refused because they do not fit.
   *
   * @internal
   */
  public _planWith(models: readonly (ModelServerChart | RefusedModel)[]): Plan {
    const cluster = this.cluster();
    return planApp({
      cluster,
      models: models.map((model) => ('refused' in model ? planRefused(model.refused, cluster) : this.modelPlan(model, cluster))),
      budgetUsdPerHour: this.props.budgetUsdPerHour,
    });
  }

  /** A chart does not change, so it is planned once for the pools that there are. */
  private modelPlan(chart: ModelServerChart, cluster: ClusterToPlan): ModelPlan {
    const known = this.planned.get(chart);
    if (known?.pools === cluster.pools.length) return known.plan;
    const plan = planModel(chart, cluster);
    this.planned.set(chart, { pools: cluster.pools.length, plan });
    return plan;
  }

  /** Runs when the app is complete: models are added after the plan. */
  private check(): string[] {
    const { problems, warnings, budget } = this.plan();
    if (budget && budget.kept === undefined) {
      Annotations.of(this).addWarningV2('cdk-eks-inference:budgetNotChecked', warnings.at(-1) ?? '');
    }
    return problems;
  }

  private write(folder: string): void {
    const stage = Stage.of(this);
    const isOnly = stage?.node.findAll().filter((construct) => construct instanceof InferencePlan).length === 1;
    const file = isOnly ? InferencePlan.FILE : `${Stack.of(this).artifactId}.${InferencePlan.FILE}`;
    writeFileSync(join(folder, file), `${JSON.stringify(this.plan(), null, 2)}\n`);
  }

  private cluster(): ClusterToPlan {
    const { clusterName, nodeEnvironment, network, systemNodes } = this.inference;
    const { discount, poolDiscounts, throughputs } = this.props;
    const made = Construct.isConstruct(network) ? network.node.findAll() : []; // an existing VPC costs what it cost before
    const endpoints = made.filter((construct) => construct instanceof ec2.InterfaceVpcEndpoint).length;
    const zones = network.vpc.availabilityZones.length;
    return {
      ...this.inference._nodes(),
      name: clusterName,
      zones,
      provisioner: nodeEnvironment.provisioner,
      discounts: { everywhere: discount, byPool: poolDiscounts },
      throughputs,
      idle: {
        natGateways: made.filter((construct) => construct instanceof ec2.CfnNatGateway).length,
        interfaceEndpoints: endpoints * zones,
        systemNodes: systemNodes?.nodes ?? 0,
        systemInstanceType: systemNodes?.instanceType.toString(),
        volumesGiB: (systemNodes?.nodes ?? 0) * (systemNodes?.volumesGiB ?? 0),
      },
    };
  }
}
