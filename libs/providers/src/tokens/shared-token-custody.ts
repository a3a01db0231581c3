import type { SecretBox } from '#platform';
import { ConcurrencyGate } from '../outcome/concurrency-gate.js';
import type { Outcome } from '../port/channel-provider.port.js';
import {
  TokenRefusedError,
  type FetchToken,
  type FetchedToken,
  type TokenCustody,
} from '../port/token-custody.port.js';
import type { StoredToken, TokenChange, TokenStore } from '../port/token-store.port.js';
import {
  FORCED_EVERY_MS,
  earlyMs,
  judgeToken,
  refusedAgain,
  rememberedMs,
  type TokenJudgement,
} from './token-judgement.js';

/** Longest wait for a vendor's token: it is waited for with a row held. */
const FETCH_DEADLINE_MS = 20_000;
/** Connections to the database that waiting for vendors may take up in one process. */
const MAX_HELD = 4;
/** A refusal is remembered by all processes together: one that is forgotten there is forgotten here after this. */
const REFUSAL_KEPT_MS = 1_000;
/** Somebody else renews a token that is good for a while: ours is looked at again after this. */
const LOOK_AGAIN_MS = 2_000;

const AWAY: Outcome = {
  class: 'retry',
  code: 'token_unavailable',
  words: 'the token could not be looked up or stored',
};
const SILENT: Outcome = {
  class: 'retry',
  code: 'token_timeout',
  words: 'the vendor did not answer with a token in time',
};

type Settled = Exclude<TokenJudgement, { kind: 'fetch' }>;

/** A settled answer and until when it holds, by this process's monotonic clock. */
interface Kept {
  answer: Settled;
  untilMs: number;
}

/**
 * Tokens shared by all processes through a store with row locks: memory first, then one look at the row for all that wait
 * in this process, then the lock and the vendor. Whatever goes wrong is a `TokenRefusedError`: nothing was sent.
 */
export class SharedTokenCustody implements TokenCustody {
  private readonly kept = new Map<string, Kept>();
  private readonly asking = new Map<string, Promise<string>>();
  private readonly gate = new ConcurrencyGate(MAX_HELD);

  /** @param onError hears of what is hidden from callers: a store that is away, an adapter that throws */
  constructor(
    private readonly store: TokenStore,
    private readonly box: SecretBox,
    private readonly onError: (error: unknown) => void,
  ) {}

  current(key: string, fetch: FetchToken): Promise<string> {
    return this.obtain(key, fetch, null);
  }

  replace(key: string, refused: string, fetch: FetchToken): Promise<string> {
    return this.obtain(key, fetch, refused);
  }

  private async obtain(key: string, fetch: FetchToken, refused: string | null): Promise<string> {
    for (;;) {
      const kept = this.keptFor(key, refused);
      if (kept) return tokenOf(kept);
      const running = this.asking.get(key);
      if (!running) return this.ask(key, fetch, refused);
      // Who asked first may not have known that this token is refused.
      const token = await running;
      if (token !== refused) return token;
    }
  }

  private keptFor(key: string, refused: string | null): Settled | null {
    const kept = this.kept.get(key);
    if (!kept || performance.now() >= kept.untilMs) return null;
    if (kept.answer.kind === 'use') return kept.answer.token === refused ? null : kept.answer;
    return kept.answer.onlyOf === undefined || kept.answer.onlyOf === refused ? kept.answer : null;
  }

  private ask(key: string, fetch: FetchToken, refused: string | null): Promise<string> {
    const asking = this.settle(key, fetch, refused)
      .then((answer) => {
        const keptMs = answer.kind === 'use' ? answer.forMs : Math.min(answer.forMs, REFUSAL_KEPT_MS);
        this.kept.set(key, { answer, untilMs: performance.now() + keptMs });
        return tokenOf(answer);
      })
      .finally(() => this.asking.delete(key));
    this.asking.set(key, asking);
    return asking;
  }

  private async settle(key: string, fetch: FetchToken, refused: string | null): Promise<Settled> {
    try {
      const stored = await this.store.find(key);
      const seen = stored ? this.judge(key, stored, refused) : ({ kind: 'fetch', usable: null } as const);
      if (seen.kind !== 'fetch') return seen;
      const answer = await this.gate.run(() =>
        this.store.hold(key, seen.usable === null, (row, write) => this.renew(key, row, write, fetch, refused)),
      );
      // Null: not patient, because there is one to use, and somebody else renews it.
      return answer ?? useFor(seen.usable, LOOK_AGAIN_MS);
    } catch (error) {
      this.onError(error);
      return { kind: 'refuse', outcome: AWAY, forMs: 0 };
    }
  }

  /** With the row held: what another process has done meanwhile counts, else the vendor is asked. */
  private async renew(
    key: string,
    row: StoredToken,
    write: (change: TokenChange) => Promise<void>,
    fetch: FetchToken,
    refused: string | null,
  ): Promise<Settled> {
    const judged = this.judge(key, row, refused);
    if (judged.kind !== 'fetch') return judged;
    const fetched = await this.fetched(fetch);
    if ('class' in fetched) {
      const forMs = rememberedMs(fetched);
      await write({ refused: fetched, forMs });
      return judged.usable ? useFor(judged.usable, forMs) : { kind: 'refuse', outcome: fetched, forMs };
    }
    const { token, expiresInS } = fetched;
    await write({ token: this.box.seal(token, placeOf(key)), expiresInS, isForced: refused !== null });
    if (token === refused) return refusedAgain(token, FORCED_EVERY_MS);
    return { kind: 'use', token, forMs: expiresInS * 1000 - earlyMs(expiresInS * 1000) };
  }

  /** The vendor's token, or the outcome of asking for it. */
  private async fetched(fetch: FetchToken): Promise<FetchedToken | Outcome> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<Outcome>((resolve) => {
      timer = setTimeout(() => resolve(SILENT), FETCH_DEADLINE_MS);
    });
    try {
      return await Promise.race([fetch(), silence]);
    } catch (error) {
      if (error instanceof TokenRefusedError) return error.outcome;
      this.onError(error);
      return AWAY;
    } finally {
      clearTimeout(timer);
    }
  }

  private judge(key: string, stored: StoredToken, refused: string | null): TokenJudgement {
    return judgeToken(stored, stored.token && this.open(key, stored.token), refused);
  }

  /** Null: sealed with a key that is lost; a new token takes its place. */
  private open(key: string, sealed: Buffer): string | null {
    try {
      return this.box.open(sealed, placeOf(key));
    } catch {
      return null;
    }
  }
}

/** Additional data of the sealed token. */
const placeOf = (key: string): string => `provider_token:${key}`;

const useFor = (usable: { token: string; leftMs: number } | null, ms: number): Settled =>
  usable
    ? { kind: 'use', token: usable.token, forMs: Math.min(usable.leftMs, ms) }
    : { kind: 'refuse', outcome: AWAY, forMs: 0 };

function tokenOf(answer: Settled): string {
  if (answer.kind === 'refuse') throw new TokenRefusedError(answer.outcome);
  return answer.token;
}
