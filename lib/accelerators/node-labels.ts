/**
 * Who labels the nodes, hence which labels a pod can ask for.
 *
 * A pod that asks for a label which nobody sets stays pending for ever, so the choice belongs to the cluster.
 */
export class NodeLabels {
  /** Karpenter with `EC2NodeClass`: `karpenter.k8s.aws/instance-gpu-name` and its kin. */
  public static readonly KARPENTER = new NodeLabels('karpenter.k8s.aws');

  /** EKS Auto Mode: `eks.amazonaws.com/instance-gpu-name` and its kin. */
  public static readonly EKS_AUTO_MODE = new NodeLabels('eks.amazonaws.com');

  /** Managed node groups and nodes made by hand: the cloud provider sets only `node.kubernetes.io/instance-type`. */
  public static readonly INSTANCE_TYPE = new NodeLabels();

  /** Prefix of the labels that describe the hardware, absent where only the instance type is labelled. */
  public readonly prefix?: string;

  private constructor(prefix?: string) {
    this.prefix = prefix;
  }

  /** Whether nodes say what their hardware is, not only what it is called. */
  public get describeHardware(): boolean {
    return this.prefix !== undefined;
  }

  /**
   * The label of a hardware fact: `instanceLabel('gpu-name')` is `karpenter.k8s.aws/instance-gpu-name`.
   *
   * @throws where nodes carry no such labels
   */
  public instanceLabel(fact: string): string {
    if (!this.prefix) {
      throw new Error(
        `label 'instance-${fact}' is not set on nodes outside Karpenter and EKS Auto Mode: ` +
          "select 'node.kubernetes.io/instance-type' instead",
      );
    }
    return `${this.prefix}/instance-${fact}`;
  }
}
