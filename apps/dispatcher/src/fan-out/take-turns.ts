export interface Turn {
  appId: string;
  messageId: string;
}

/** Messages in line, one of each app in turn, and of one app one after the other. */
export class TakeTurns {
  private readonly lines = new Map<string, string[]>();
  private readonly known = new Set<string>();

  /** Messages in line or in hand. */
  get size(): number {
    return this.known.size;
  }

  /** What is known already keeps its place. */
  add(appId: string, messageId: string): void {
    if (this.known.has(messageId)) return;
    this.known.add(messageId);
    this.enqueue(appId, messageId);
  }

  /** Takes the next one in hand; undefined: nobody waits. */
  next(): Turn | undefined {
    for (const [appId, line] of this.lines) {
      const messageId = line.shift();
      this.lines.delete(appId);
      if (line.length > 0) this.lines.set(appId, line); // to the end of the apps
      if (messageId !== undefined) return { appId, messageId };
    }
    return undefined;
  }

  /** @param hasMore it stands in line again */
  done({ appId, messageId }: Turn, hasMore: boolean): void {
    if (hasMore) this.enqueue(appId, messageId);
    else this.known.delete(messageId);
  }

  private enqueue(appId: string, messageId: string): void {
    const line = this.lines.get(appId);
    if (line) line.push(messageId);
    else this.lines.set(appId, [messageId]);
  }
}
