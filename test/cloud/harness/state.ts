/** What account/state.py prints. */
export interface AccountState {
  readonly vpcs: readonly string[];
  readonly zones: readonly string[];
  readonly subnets: ReadonlyArray<{ readonly id: string; readonly zone: string; readonly cidr: string; readonly tags: Readonly<Record<string, string>> }>;
  readonly natGateways: readonly string[];
  readonly securityGroups: ReadonlyArray<{
    readonly id: string; readonly name: string; readonly tags: Readonly<Record<string, string>>; readonly rules: number;
  }>;
  readonly clusters: readonly ClusterState[];
  readonly queues: ReadonlyArray<{ readonly arn: string; readonly retentionSeconds: number; readonly policy: PolicyDocument }>;
  readonly rules: ReadonlyArray<{
    readonly name: string; readonly pattern: Readonly<Record<string, readonly string[]>>; readonly targets: readonly string[];
  }>;
  readonly roles: readonly string[];
  readonly instanceProfiles: ReadonlyArray<{ readonly name: string; readonly roles: readonly string[] }>;
  readonly functions: readonly string[];
}

export interface PolicyDocument {
  readonly Statement?: ReadonlyArray<{ readonly Effect: string; readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>> }>;
}

export interface ClusterState {
  readonly name: string;
  readonly version: string;
  readonly roleArn: string;
  readonly subnetIds: readonly string[];
  readonly nodeGroups: ReadonlyArray<{
    readonly nodegroupName: string; readonly labels?: Readonly<Record<string, string>>;
    readonly subnets: readonly string[]; readonly amiType: string; readonly instanceTypes: readonly string[];
    readonly scalingConfig: { readonly minSize: number; readonly desiredSize: number; readonly maxSize: number };
    readonly taints: ReadonlyArray<{ readonly key: string; readonly effect: string }>;
  }>;
  readonly addons: ReadonlyArray<{ readonly addonName: string; readonly addonVersion?: string }>;
  readonly accessEntries: ReadonlyArray<{ readonly principalArn: string; readonly type: string; readonly policies: readonly string[] }>;
  readonly podIdentities: ReadonlyArray<{ readonly namespace: string; readonly serviceAccount: string; readonly roleArn: string }>;
}

/** What account/stack.py prints. */
export interface StackState {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly template: { readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Condition?: string }>> };
  readonly resources: ReadonlyArray<{ readonly id: string; readonly type: string; readonly physicalId: string }>;
  /** The oldest first. */
  readonly events: ReadonlyArray<{ readonly id: string; readonly type: string; readonly status: string; readonly reason?: string }>;
  readonly nested: readonly StackState[];
}
