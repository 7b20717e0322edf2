import { request } from 'node:http';

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
    await this.call('PUT', '/-/prometheus', samples);
  }

  /** Status of the applications on Ray heads whose host contains the key, the first that fits; RUNNING on all others. Replaces what was set before. */
  public async rayApplications(statuses: Readonly<Record<string, 'DEPLOYING' | 'RUNNING' | 'UNHEALTHY'>>): Promise<void> {
    await this.call('PUT', '/-/ray', statuses);
  }

  /** Engines at these addresses have ended: the next pod with such an address has no adapters. */
  public async ended(addresses: readonly string[]): Promise<void> {
    await this.call('PUT', '/-/ended', addresses);
  }

  /** Adapters that engines have, names with their places by the address of the pod. */
  public async adapters(): Promise<Readonly<Record<string, Readonly<Record<string, string>>>>> {
    return JSON.parse(await this.call('GET', '/-/adapters')) as Record<string, Record<string, string>>;
  }

  /** Hosts whose name contains one of these do not answer. */
  public async down(hosts: readonly string[]): Promise<void> {
    await this.call('PUT', '/-/down', hosts);
  }

  public async requests(): Promise<RecordedRequest[]> {
    return JSON.parse(await this.call('GET', '/-/requests')) as RecordedRequest[];
  }

  private call(method: string, path: string, body?: object): Promise<string> {
    return new Promise((resolve, reject) => {
      const call = request(`${this.address}${path}`, { method, timeout: 5000 }, (response) => {
        let answer = '';
        response.setEncoding('utf8').on('data', (data: string) => { answer += data; }).on('end', () => resolve(answer));
      });
      call.once('timeout', () => call.destroy(new Error(`${path}: no answer within 5 s`)));
      call.once('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
