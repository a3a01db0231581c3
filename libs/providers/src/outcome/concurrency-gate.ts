/** Lets at most `limit` tasks run at a time, whoever calls; the others wait in the order they came. */
export class ConcurrencyGate {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly limit: number) {}

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.running >= this.limit) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running++;
    try {
      return await task();
    } finally {
      const next = this.waiting.shift();
      // The place is handed over, so nobody who comes in between can take it.
      if (next) next();
      else this.running--;
    }
  }
}
