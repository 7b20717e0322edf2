import { Box } from './box';
import { inventory } from './inventory';
import { eventually } from './wait';

/** How long what a scenario has left may take to go: namespaces are removed without anyone waiting for it. */
const SECONDS_TO_CLEAN = 75;

/**
 * A box in which one scenario runs after another, each finding it as the last one did. A scenario that fails may leave things behind,
 * or take a component with it: then the next one gets a new box, so that nothing fails for what another has done.
 */
export class ReusedBox {
  public static async start(log: (line: string) => void): Promise<ReusedBox> {
    const box = new ReusedBox(log, await startBox());
    await box.accept();
    return box;
  }

  private readonly known = new Set<string>();

  private constructor(private readonly log: (line: string) => void, private box: Box) {}

  public get stateFile(): string {
    return this.box.stateFile;
  }

  /** Takes what is there now for what a scenario may leave: for after one that has passed. */
  public async accept(): Promise<void> {
    for (const name of (await inventory(this.box.cluster)).keys()) this.known.add(name);
  }

  /** Waits until nothing is there that was not accepted; a box that does not get so is replaced. */
  public async restore(): Promise<void> {
    try {
      await eventually('the box is as it was', async () => {
        if (this.box.casualties.length > 0) throw new Error(this.box.casualties.join('; '));
        const left = [...(await inventory(this.box.cluster)).keys()].filter((name) => !this.known.has(name));
        if (left.length > 0) throw new Error(`${left.length} objects are left: ${left.slice(0, 3).join(', ')}`);
      }, { seconds: SECONDS_TO_CLEAN, everySeconds: 5 });
    } catch (error) {
      this.log(`a new box: ${error instanceof Error ? error.message : String(error)}`);
      await this.box.stop();
      this.box = await startBox();
    }
  }

  public stop(): Promise<void> {
    return this.box.stop();
  }
}

/** With everything, or what the environment names: for lists that need no more. */
function startBox(): Promise<Box> {
  return Box.start({ components: process.env.BOX_COMPONENTS?.split(',') });
}
