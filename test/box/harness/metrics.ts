import { control } from './http';

/** Sets what the pods of the box use and count. */
export class Metrics {
  constructor(private readonly address: string) {}

  /**
   * What all pods of a server have together, by its name: `cpu` in cores, other metrics under their names. They share it equally, as they
   * share requests; pods of a server that is not named have none. Replaces what was set before.
   */
  public async set(values: Readonly<Record<string, Readonly<Record<string, number>>>>): Promise<void> {
    await control('PUT', `${this.address}/-/metrics`, values);
  }
}
