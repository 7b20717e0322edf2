import type { PlacementGroupSelector } from '../resources/ec2-node-class';

/** An EC2 placement group that exists. A cluster group lives in one Availability Zone: name that zone in the pool. */
export class PlacementGroup {
  /** The group of this name. */
  public static named(name: string): PlacementGroup {
    return new PlacementGroup({ name });
  }

  /**
   * The group with this id.
   *
   * @throws when the id is not the id of a placement group
   */
  public static id(groupId: string): PlacementGroup {
    if (!/^pg-[0-9a-z]+$/.test(groupId)) {
      throw new Error(`'groupId' (${groupId}) must be the id of a placement group, such as pg-0123456789abcdef0`);
    }
    return new PlacementGroup({ id: groupId });
  }

  private constructor(private readonly selector: PlacementGroupSelector) {}

  /** @internal */
  public _selector(): PlacementGroupSelector {
    return this.selector;
  }
}
