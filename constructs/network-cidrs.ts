import { Token } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';

/** How many zones the layout has room for; also the most zones a region has. */
const MAX_ZONES = 6;

/** Zones that fit in one secondary block: a quarter of the block each. */
const ZONES_PER_SECONDARY_BLOCK = 4;

/** The kinds of subnet that a network has in each zone. */
export enum SubnetGroup {
  /** Load balancers and NAT gateways. */
  PUBLIC = 'Public',
  /** Control-plane interfaces, interface endpoints, internal load balancers; nodes too when there is no secondary range. */
  PRIVATE = 'Private',
  /** Nodes and pods, in the secondary range. */
  NODES = 'Nodes',
}

/**
 * Gives every subnet a range that depends on its zone's position alone, so a zone added later moves no other subnet.
 *
 * A VPC of 10.0.0.0/16 is laid out as eight /19: the first six are the private subnets, the seventh holds a public /24
 * a zone. Each secondary /16 is laid out as four /18 for nodes.
 *
 * @internal
 */
export class ZonalSubnets implements ec2.IIpAddresses {
  private readonly block: Cidr;
  private readonly secondaryBlocks: Cidr[];

  constructor(cidr: string, secondaryCidrs: readonly string[], zones: number) {
    this.block = Cidr.parse('cidr', cidr, 16, 19);
    this.secondaryBlocks = secondaryCidrs.map((block) => Cidr.parse('secondaryCidrs', block, 16, 24));
    const blocksNeeded = Math.ceil(zones / ZONES_PER_SECONDARY_BLOCK);
    if (secondaryCidrs.length > 0 && secondaryCidrs.length < blocksNeeded) {
      throw new Error(
        `'secondaryCidrs' (${secondaryCidrs.join(', ')}) has room for ${secondaryCidrs.length * ZONES_PER_SECONDARY_BLOCK} ` +
          `zones, but 'zones' is ${zones}: add ${blocksNeeded - secondaryCidrs.length} more block`,
      );
    }
    const blocks = [this.block, ...this.secondaryBlocks];
    blocks.forEach((one, i) => {
      const other = blocks.slice(i + 1).find((another) => one.overlaps(another));
      if (other) throw new Error(`'cidr' and 'secondaryCidrs' overlap (${one.text}, ${other.text}): write ranges that do not`);
    });
  }

  public allocateVpcCidr(): ec2.VpcIpamOptions {
    return { cidrBlock: this.block.text };
  }

  public allocateSubnetsCidr(request: ec2.AllocateCidrRequest): ec2.SubnetIpamOptions {
    const zonesSeen = new Map<string, number>();
    return {
      allocatedSubnets: request.requestedSubnets.map(({ configuration }) => {
        const zone = zonesSeen.get(configuration.name) ?? 0;
        zonesSeen.set(configuration.name, zone + 1);
        return { cidr: this.subnet(configuration.name as SubnetGroup, zone) }; // the names are given by InferenceNetwork
      }),
    };
  }

  private subnet(group: SubnetGroup, zone: number): string {
    switch (group) {
      case SubnetGroup.PUBLIC:
        return this.block.part(8, (MAX_ZONES << 5) + zone);
      case SubnetGroup.PRIVATE:
        return this.block.part(3, zone);
      case SubnetGroup.NODES:
        return this.secondaryBlocks[Math.floor(zone / ZONES_PER_SECONDARY_BLOCK)].part(2, zone % ZONES_PER_SECONDARY_BLOCK);
    }
  }
}

/** An IPv4 range. */
class Cidr {
  public static parse(prop: string, text: string, shortest: number, longest: number): Cidr {
    const allowed = `an IPv4 range with a prefix of /${shortest} to /${longest}`;
    if (Token.isUnresolved(text)) {
      throw new Error(`'${prop}' is only known at deployment: write ${allowed}, for example 10.0.0.0/16`);
    }
    const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
    const octets = match?.slice(1, 5).map(Number) ?? [];
    const prefix = Number(match?.[5]);
    if (!match || octets.some((octet) => octet > 255) || prefix < shortest || prefix > longest) {
      throw new Error(`'${prop}' (${text}) must be ${allowed}, for example 10.0.0.0/16`);
    }
    const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
    const cidr = new Cidr(address, prefix);
    if (address % cidr.size !== 0) {
      throw new Error(`'${prop}' (${text}) has host bits set: write ${new Cidr(address - (address % cidr.size), prefix).text}`);
    }
    return cidr;
  }

  private constructor(
    private readonly address: number,
    private readonly prefix: number,
  ) {}

  public get text(): string {
    const octets = [24, 16, 8, 0].map((shift) => Math.floor(this.address / 2 ** shift) % 256);
    return `${octets.join('.')}/${this.prefix}`;
  }

  /** The `index`th of the 2^bits equal parts. */
  public part(bits: number, index: number): string {
    return new Cidr(this.address + index * (this.size / 2 ** bits), this.prefix + bits).text;
  }

  public overlaps(other: Cidr): boolean {
    return this.address < other.address + other.size && other.address < this.address + this.size;
  }

  private get size(): number {
    return 2 ** (32 - this.prefix);
  }
}
