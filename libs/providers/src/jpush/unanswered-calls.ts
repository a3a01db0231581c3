/** A call that brought no answer. */
export interface UnansweredCall {
  body: string;
  tokens: readonly string[];
}

const MAX_CALLS = 1000;

/** Calls of this process that brought no answer, by the key with which they can be made again; beyond 1,000 the oldest are forgotten. */
export class UnansweredCalls {
  private readonly calls = new Map<string, UnansweredCall>();

  keep(cid: string, call: UnansweredCall): void {
    this.calls.set(cid, call);
    const [oldest] = this.calls.keys();
    if (this.calls.size > MAX_CALLS && oldest !== undefined) this.calls.delete(oldest);
  }

  find(cid: string): UnansweredCall | undefined {
    return this.calls.get(cid);
  }

  forget(cid: string): void {
    this.calls.delete(cid);
  }
}
