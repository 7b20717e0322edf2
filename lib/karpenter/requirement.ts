/** A condition on a label, as a NodePool or a pod writes it. */
export interface LabelCondition {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
  readonly minValues?: number;
}

/**
 * The set of values that a label may have: some, or all but some, within bounds.
 *
 * Semantics of Karpenter 1.15, `pkg/scheduling/requirement.go`.
 */
export class Requirement {
  /**
   * The set that a condition describes.
   *
   * @throws for an operator that Karpenter does not have, or a bound that is no number
   */
  public static of(condition: LabelCondition): Requirement {
    const { key, operator, values = [] } = condition;
    switch (operator) {
      case 'In':
        return new Requirement(key, new Set(values), false);
      case 'NotIn':
        return new Requirement(key, new Set(values), true);
      case 'Exists':
        return new Requirement(key, new Set(), true);
      case 'DoesNotExist':
        return new Requirement(key, new Set(), false);
      case 'Gt':
        return new Requirement(key, new Set(), true, bound(condition) + 1);
      case 'Gte':
        return new Requirement(key, new Set(), true, bound(condition));
      case 'Lt':
        return new Requirement(key, new Set(), true, undefined, bound(condition) - 1);
      case 'Lte':
        return new Requirement(key, new Set(), true, undefined, bound(condition));
      default:
        throw new Error(
          `'operator' (${operator}) of ${key} must be one of In, NotIn, Exists, DoesNotExist, Gt, Gte, Lt, Lte`,
        );
    }
  }

  private constructor(
    public readonly key: string,
    private readonly values: ReadonlySet<string>,
    private readonly complement: boolean,
    private readonly least?: number,
    private readonly most?: number,
  ) {}

  /** Whether the set may be empty of values: `NotIn` and `DoesNotExist` are satisfied by a label that is not there. */
  public get allowsAbsence(): boolean {
    return this.complement ? this.values.size > 0 : this.values.size === 0;
  }

  /** Whether the label may have this value. */
  public has(value: string): boolean {
    return this.values.has(value) !== this.complement && within(value, this.least, this.most);
  }

  /** What both allow. */
  public intersect(other: Requirement): Requirement {
    const least = larger(this.least, other.least);
    const most = smaller(this.most, other.most);
    if (least !== undefined && most !== undefined && least > most) return new Requirement(this.key, new Set(), false);
    if (this.complement && other.complement) {
      return new Requirement(this.key, new Set([...this.values, ...other.values]), true, least, most);
    }
    const [concrete, filter] = this.complement ? [other, this] : [this, other];
    const values = [...concrete.values].filter((value) => filter.values.has(value) !== filter.complement && within(value, least, most));
    return new Requirement(this.key, new Set(values), false);
  }

  /** Whether some value is allowed by both. */
  public intersects(other: Requirement): boolean {
    const both = this.intersect(other);
    return both.complement || both.values.size > 0;
  }
}

/** Conditions on labels, one set of values for each label. */
export class Requirements {
  /** What all conditions allow together. */
  public static of(conditions: readonly LabelCondition[]): Requirements {
    const byKey = new Map<string, Requirement>();
    for (const condition of conditions) {
      const key = NORMALIZED_LABELS[condition.key] ?? condition.key;
      const one = Requirement.of({ ...condition, key });
      byKey.set(key, byKey.get(key)?.intersect(one) ?? one);
    }
    return new Requirements(byKey);
  }

  private constructor(private readonly byKey: ReadonlyMap<string, Requirement>) {}

  /** What both allow. */
  public and(other: Requirements): Requirements {
    const merged = new Map(this.byKey);
    for (const [key, one] of other.byKey) merged.set(key, merged.get(key)?.intersect(one) ?? one);
    return new Requirements(merged);
  }

  /** The labels on which the two have no value in common. Empty when they are compatible. */
  public conflicts(other: Requirements): string[] {
    return [...this.byKey]
      .filter(([key, mine]) => {
        const theirs = other.byKey.get(key);
        return theirs !== undefined && !mine.intersects(theirs) && !(mine.allowsAbsence && theirs.allowsAbsence);
      })
      .map(([key]) => key);
  }

  /** The labels that are asked for and that nothing here defines, of those that are not well known. */
  public undefinedLabels(asked: Requirements, isWellKnown: (key: string) => boolean): string[] {
    return [...asked.byKey]
      .filter(([key, one]) => !this.byKey.has(key) && !isWellKnown(key) && !one.allowsAbsence)
      .map(([key]) => key);
  }
}

/** Old names of labels (`NormalizedLabels`). */
const NORMALIZED_LABELS: { readonly [key: string]: string } = {
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
};

function bound({ key, operator, values = [] }: LabelCondition): number {
  const value = Number(values[0]);
  if (values.length !== 1 || !Number.isInteger(value)) {
    throw new Error(`'values' (${values.join(', ')}) of ${key} must be exactly one whole number with the operator ${operator}`);
  }
  return value;
}

function within(value: string, least: number | undefined, most: number | undefined): boolean {
  if (least === undefined && most === undefined) return true;
  const number = Number(value);
  return Number.isInteger(number) && number >= (least ?? -Infinity) && number <= (most ?? Infinity);
}

function larger(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.max(a, b);
}

function smaller(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}
