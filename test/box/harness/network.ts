import { control } from './http';

export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/** Sets what the in-cluster servers answer, and reads what was asked of them. */
export class Network {
  /** @param address as an HTTP proxy, also that of the controllers */
  constructor(public readonly address: string) {}

  /** Answer of every Prometheus query that contains the key; null: the server hangs up. Replaces what was set before. */
  public async prometheus(samples: Readonly<Record<string, number | null>>): Promise<void> {
    await control('PUT', `${this.address}/-/prometheus`, samples);
  }

  /** Status of the applications on Ray heads whose host contains the key, the first that fits; RUNNING on all others. Replaces what was set before. */
  public async rayApplications(statuses: Readonly<Record<string, 'DEPLOYING' | 'RUNNING' | 'UNHEALTHY'>>): Promise<void> {
    await control('PUT', `${this.address}/-/ray`, statuses);
  }

  /** Engines at these addresses have ended: the next pod with such an address has no adapters. */
  public async ended(addresses: readonly string[]): Promise<void> {
    await control('PUT', `${this.address}/-/ended`, addresses);
  }

  /** Adapters that engines have, names with their places by the address of the pod. */
  public async adapters(): Promise<Readonly<Record<string, Readonly<Record<string, string>>>>> {
    return (await control('GET', `${this.address}/-/adapters`)) as Record<string, Record<string, string>>;
  }

  /** Hosts whose name contains one of these do not answer. */
  public async down(hosts: readonly string[]): Promise<void> {
    await control('PUT', `${this.address}/-/down`, hosts);
  }

  public async requests(): Promise<RecordedRequest[]> {
    return (await control('GET', `${this.address}/-/requests`)) as RecordedRequest[];
  }
}
