/** A capacity reservation of the account, as far as somebody may look for one. */
export interface CapacityReservation {
  readonly id: string;
  readonly instanceType: string;
  readonly zone: string;
  /** Instances that it holds. */
  readonly count: number;
  readonly tags?: Readonly<Record<string, string>>;
  /** @default "default", an On-Demand Capacity Reservation */
  readonly type?: 'default' | 'capacity-block';
}

const OWNER = '123456789012';
const DAY = 86_400_000;

/** EC2's `DescribeCapacityReservations`, which moto does not know. */
export class CapacityReservations {
  public all: readonly CapacityReservation[] = [];
  /** Instances in use, by the id of the reservation. */
  public used: Readonly<Record<string, number>> = {};

  /** The answer to a request of EC2's query protocol; undefined: another action is meant. */
  public answer(body: string): string | undefined {
    const form = new URLSearchParams(body);
    if (form.get('Action') !== 'DescribeCapacityReservations') return undefined;
    const ids = valuesOf(form, 'CapacityReservationId');
    const filters = valuesOf(form, 'Filter', '.Name').map((name, index) => ({ name, values: valuesOf(form, `Filter.${index + 1}.Value`) }));
    const found = this.all.filter((one) => (ids.length === 0 || ids.includes(one.id)) && filters.every(({ name, values }) => fits(one, name, values)));
    return `<DescribeCapacityReservationsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>box</requestId>`
      + `<capacityReservationSet>${found.map((one) => asXml(one, this.used[one.id] ?? 0)).join('')}</capacityReservationSet></DescribeCapacityReservationsResponse>`;
  }
}

/** `Name.1`, `Name.2`, … of a form. */
function valuesOf(form: URLSearchParams, name: string, suffix: string = ''): string[] {
  const values: string[] = [];
  for (let value = form.get(`${name}.1${suffix}`); value !== null; value = form.get(`${name}.${values.length + 1}${suffix}`)) values.push(value);
  return values;
}

function fits({ tags = {} }: CapacityReservation, filter: string, values: readonly string[]): boolean {
  if (filter === 'state') return values.includes('active');
  if (filter === 'owner-id') return values.includes(OWNER);
  if (filter === 'tag-key') return values.some((key) => key in tags);
  if (filter.startsWith('tag:')) return values.includes(tags[filter.slice('tag:'.length)] ?? '');
  throw new Error(`the box does not play the filter ${filter} of capacity reservations`);
}

function asXml({ id, instanceType, zone, count, tags = {}, type = 'default' }: CapacityReservation, used: number): string {
  const [begin, end] = [-DAY, DAY].map((offset) => new Date(Date.now() + offset).toISOString());
  const fields = {
    capacityReservationId: id, ownerId: OWNER, instanceType, availabilityZone: zone, tenancy: 'default', instancePlatform: 'Linux/UNIX',
    totalInstanceCount: count, availableInstanceCount: Math.max(0, count - used), state: 'active', instanceMatchCriteria: 'targeted', reservationType: type,
    createDate: begin, startDate: begin, ...(type === 'capacity-block' ? { endDateType: 'limited', endDate: end } : { endDateType: 'unlimited' }),
  };
  const tagSet = Object.entries(tags).map(([key, value]) => `<item><key>${key}</key><value>${value}</value></item>`).join('');
  return `<item>${Object.entries(fields).map(([name, value]) => `<${name}>${value}</${name}>`).join('')}<tagSet>${tagSet}</tagSet></item>`;
}
