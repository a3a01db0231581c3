import type { FetchToken, TokenCustody } from '../../../libs/providers/src/port/token-custody.port.js';

interface KeptToken {
  token: string;
  expiresAtMs: number;
}

/** Keeps tokens of one process in memory: one fetch at a time for a key. Unlike the real one it forgets refusals at once. */
export class MemoryTokenCustody implements TokenCustody {
  /** Calls to the vendors for a token, refused ones too. */
  fetches = 0;
  private readonly tokens = new Map<string, KeptToken>();
  private readonly fetching = new Map<string, Promise<string>>();

  /** Keys under which something was asked for, in order of their first use. */
  get keys(): string[] {
    return [...this.tokens.keys()];
  }

  async current(key: string, fetch: FetchToken): Promise<string> {
    const kept = this.tokens.get(key);
    return kept && kept.expiresAtMs > Date.now() ? kept.token : this.fetchOnce(key, fetch);
  }

  async replace(key: string, refused: string, fetch: FetchToken): Promise<string> {
    const kept = this.tokens.get(key);
    return kept && kept.token !== refused ? kept.token : this.fetchOnce(key, fetch);
  }

  private fetchOnce(key: string, fetch: FetchToken): Promise<string> {
    const running = this.fetching.get(key) ?? this.keep(key, fetch).finally(() => this.fetching.delete(key));
    this.fetching.set(key, running);
    return running;
  }

  private async keep(key: string, fetch: FetchToken): Promise<string> {
    this.fetches++;
    const { token, expiresInS } = await fetch();
    this.tokens.set(key, { token, expiresAtMs: Date.now() + expiresInS * 1000 });
    return token;
  }
}
