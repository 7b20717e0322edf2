import { request } from 'node:http';

export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/** Sets what the in-cluster servers answer, and reads what was asked of them. */
export class Network {
  constructor(private readonly address: string) {}

  /** Answer of every Prometheus query that contains the key; null: the server hangs up. Replaces what was set before. */
  public async prometheus(samples: Readonly<Record<string, number | null>>): Promise<void> {
    await this.call('PUT', '/-/prometheus', samples);
  }

  /** What `/metrics` of every engine pod says. */
  public async engineMetrics(metrics: Readonly<Record<string, number>>): Promise<void> {
    await this.call('PUT', '/-/metrics', metrics);
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
