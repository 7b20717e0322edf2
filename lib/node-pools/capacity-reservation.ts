import type { AutoModeCapacityReservationTerm } from '../resources/auto-mode-node-class';
import type { CapacityReservationSelectorTerm } from '../resources/ec2-node-class';

/** On-Demand Capacity Reservations and Capacity Blocks that a pool may use. A pool uses none that it does not name. */
export class CapacityReservation {
  /**
   * One reservation.
   *
   * @throws when the id is not the id of a capacity reservation
   */
  public static id(reservationId: string): CapacityReservation {
    if (!/^cr-[0-9a-z]+$/.test(reservationId)) {
      throw new Error(`'reservationId' (${reservationId}) must be the id of a capacity reservation, such as cr-0123456789abcdef0`);
    }
    return new CapacityReservation(reservationId);
  }

  /**
   * Every reservation with these tags, so that a new one needs no deployment.
   *
   * @param tags the tags, all of which it must have
   * @param ownerAccount the account that owns it, where another account shares it
   * @throws when there is no tag, or the account is not twelve digits
   */
  public static tags(tags: { [key: string]: string }, ownerAccount?: string): CapacityReservation {
    if (Object.keys(tags).length === 0) {
      throw new Error("'tags' of a capacity reservation ({}) must have at least one tag: without, every reservation of the account would match");
    }
    if (ownerAccount !== undefined && !/^\d{12}$/.test(ownerAccount)) {
      throw new Error(`'ownerAccount' (${ownerAccount}) must be an AWS account of twelve digits`);
    }
    return new CapacityReservation(undefined, tags, ownerAccount);
  }

  private constructor(
    private readonly reservationId?: string,
    private readonly reservationTags?: { [key: string]: string },
    private readonly ownerAccount?: string,
  ) {}

  /** @internal */
  public _ec2Term(): CapacityReservationSelectorTerm {
    return { id: this.reservationId, tags: this.reservationTags, ownerID: this.ownerAccount };
  }

  /** @internal */
  public _autoModeTerm(): AutoModeCapacityReservationTerm {
    return { id: this.reservationId, tags: this.reservationTags, owner: this.ownerAccount };
  }
}
