import { request } from 'node:https';

/** Sets what the pods of the box use and count. */
export class Metrics {
  constructor(private readonly address: string) {}

  /**
   * What each pod has, by the name of its server: `cpu` in cores, other metrics under their names. A pod that is not named has none.
   * Replaces what was set before.
   */
  public set(values: Readonly<Record<string, Readonly<Record<string, number>>>>): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = request(`${this.address}/-/metrics`, { method: 'PUT', timeout: 5000, rejectUnauthorized: false }, (response) => {
        response.resume().on('end', resolve);
      });
      call.once('timeout', () => call.destroy(new Error('the metrics APIs do not answer within 5 s')));
      call.once('error', reject);
      call.end(JSON.stringify(values));
    });
  }
}
