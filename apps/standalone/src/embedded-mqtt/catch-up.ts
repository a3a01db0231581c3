/**
 * How far a connection of a device is with what waited for it. Until it has all of that nothing newer goes past it: what is taken
 * meanwhile stands in the mailbox, too, and is read with the rest.
 */
export class CatchUp {
  private state: 'waits' | 'runs' | 'done' = 'waits';
  /** Something was stored that the last look into the mailbox may have missed. */
  private isBehind = false;
  /** Messages that are being stored since before the end: the last look may have seen them. */
  private early = 0;
  /** References of what was handed over while there was a doubt about it. */
  private readonly handed = new Set<string>();

  /** A message for the device is about to be stored. Answers what to call when that has ended, whatever became of it. */
  taking(): () => void {
    if (this.state === 'done') return () => undefined;
    this.early++;
    return () => {
      this.early--;
      this.forget();
    };
  }

  /** A message is stored. Answers whether it goes to the device now; if not, the device has it, or gets it with the rest. */
  stored(ref: string): boolean {
    this.isBehind = true;
    return this.state === 'done' && !this.handed.has(ref);
  }

  /**
   * Hands over what waits, until nothing more does; once, however often it is called.
   * @param read what waits now, in order
   */
  async run<T extends { ref: string }>(
    read: () => Promise<readonly T[]>,
    hand: (message: T) => Promise<void>,
  ): Promise<void> {
    if (this.state !== 'waits') return;
    this.state = 'runs';
    do {
      this.isBehind = false;
      for (const message of await read()) {
        if (this.handed.has(message.ref)) continue;
        this.handed.add(message.ref);
        await hand(message);
      }
    } while (this.isBehind);
    this.state = 'done';
    this.forget();
  }

  private forget(): void {
    if (this.state === 'done' && this.early === 0) this.handed.clear();
  }
}
