import type { PartPlace } from './uplink-part.js';

/** A message of which some parts are still missing. */
interface Unfinished<Owner> {
  owner: Owner;
  parts: Map<number, Buffer>;
  firstAt: number;
}

/** Parts may come minutes apart; what is incomplete after this is not completed any more, ms. */
const PATIENCE_MS = 10 * 60_000;
/** Messages kept unfinished; beyond it the oldest is given up. */
const MAX_UNFINISHED = 1_000;

/**
 * Joins the parts of long messages. Parts were answered for when they came, since no message centre sends the next one before; so what
 * is given up is handed over as far as it came.
 */
export class UplinkJoiner<Owner> {
  /** Oldest first. */
  private readonly unfinished = new Map<string, Unfinished<Owner>>();

  /** @param giveUp takes what came of a message whose other parts did not */
  constructor(
    private readonly giveUp: (owner: Owner, octets: Buffer) => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /**
   * Takes a part; answers the whole message once all parts are there, else null. The parts stay until `forget`, so that the last one
   * may come again when the message could not be stored. @param key same for all parts of a message
   */
  add(key: string, place: PartPlace, octets: Buffer, owner: Owner): Buffer | null {
    this.expire();
    const message = this.unfinished.get(key) ?? { owner, parts: new Map<number, Buffer>(), firstAt: this.nowMs() };
    this.unfinished.set(key, message);
    // A copy: the octets are a view of all that was read from the connection at once.
    message.parts.set(place.number, Buffer.from(octets));
    return message.parts.size < place.total ? null : joined(message.parts);
  }

  forget(key: string): void {
    this.unfinished.delete(key);
  }

  /** Hands over everything that is unfinished. */
  flush(): void {
    for (const key of [...this.unfinished.keys()]) this.end(key);
  }

  /** Gives up what has waited too long, and the oldest of too many. */
  expire(): void {
    for (const [key, { firstAt }] of this.unfinished) {
      if (this.nowMs() - firstAt < PATIENCE_MS && this.unfinished.size <= MAX_UNFINISHED) return;
      this.end(key);
    }
  }

  private end(key: string): void {
    const message = this.unfinished.get(key);
    this.unfinished.delete(key);
    if (message) this.giveUp(message.owner, joined(message.parts));
  }
}

const joined = (parts: ReadonlyMap<number, Buffer>): Buffer =>
  Buffer.concat([...parts].sort(([a], [b]) => a - b).map(([, octets]) => octets));
