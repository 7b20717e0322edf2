import { control } from './http';

/** Sets what the pods of the box use and count. */
export class Metrics {
  constructor(private readonly address: string) {}

  /**
   * What each pod has, by the name of its server: `cpu` in cores, other metrics under their names. A pod that is not named has none.
   * Replaces what was set before.
   */
  public async set(values: Readonly<Record<string, Readonly<Record<string, number>>>>): Promise<void> {
    await control('PUT', `${this.address}/-/metrics`, values);
  }
}
