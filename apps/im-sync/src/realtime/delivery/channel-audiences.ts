import { Injectable } from '@nestjs/common';
import { ImAudienceRepository } from '#entities';
import { SessionRegistry } from '../sessions/session-registry.js';

/** Uids that are remembered over all channels, and one more a channel; the channel used longest ago goes first. */
const MAX_REMEMBERED = 500_000;
/** After this an audience is asked for anew: a change may have been missed while the broker was away. */
const VALID_MS = 60_000;

interface Audience {
  /** Of those who were here when it was loaded and who came since; some may have left. */
  uids: Set<string>;
  loading: Promise<void> | null;
  loadedAtMs: number;
}

/** Who of those who are connected here gets the messages of a channel. */
@Injectable()
export class ChannelAudiences {
  private readonly audiences = new Map<number, Audience>();
  private remembered = 0;

  constructor(
    private readonly repository: ImAudienceRepository,
    private readonly registry: SessionRegistry,
  ) {}

  /** Asks the database once, whatever comes meanwhile. The set is live: take what you need from it. */
  async of(channelKey: number, nowMs: number): Promise<Set<string>> {
    let audience = this.audiences.get(channelKey);
    if (!audience || (!audience.loading && nowMs - audience.loadedAtMs > VALID_MS)) {
      audience = this.load(channelKey, nowMs);
    }
    if (audience.loading) await audience.loading;
    this.use(channelKey, audience);
    return audience.uids;
  }

  /** Whoever comes is counted in where somebody of his channel is being written to. He has to be registered already. */
  async arrived(uids: readonly string[]): Promise<void> {
    const keys = [...this.audiences.keys()];
    if (keys.length === 0) return;
    for (const { uid, channelKey } of await this.repository.memberships(uids, keys)) {
      const audience = this.audiences.get(channelKey);
      if (!audience || audience.uids.has(uid)) continue;
      audience.uids.add(uid);
      this.remembered += 1;
    }
  }

  /** He is gone: found out by whoever wanted to write to him. */
  left(channelKey: number, uid: string): void {
    if (this.audiences.get(channelKey)?.uids.delete(uid)) this.remembered -= 1;
  }

  changed(channelKeys: readonly number[]): void {
    for (const key of channelKeys) this.drop(key);
  }

  private load(channelKey: number, nowMs: number): Audience {
    this.drop(channelKey);
    const audience: Audience = { uids: new Set(), loading: null, loadedAtMs: nowMs };
    this.audiences.set(channelKey, audience);
    this.remembered += 1;
    audience.loading = this.repository
      .subscribersAmong(channelKey, this.registry.uids())
      .then((uids) => {
        const before = audience.uids.size;
        for (const uid of uids) audience.uids.add(uid);
        if (this.audiences.get(channelKey) === audience) this.remembered += audience.uids.size - before;
        audience.loading = null;
      })
      .catch((error: unknown) => {
        if (this.audiences.get(channelKey) === audience) this.drop(channelKey);
        throw error;
      });
    return audience;
  }

  private use(channelKey: number, audience: Audience): void {
    if (this.audiences.get(channelKey) !== audience) return;
    this.audiences.delete(channelKey);
    this.audiences.set(channelKey, audience);
    for (const key of this.audiences.keys()) {
      if (this.remembered <= MAX_REMEMBERED || key === channelKey) return;
      this.drop(key);
    }
  }

  private drop(channelKey: number): void {
    const audience = this.audiences.get(channelKey);
    if (!audience) return;
    this.audiences.delete(channelKey);
    this.remembered -= audience.uids.size + 1;
  }
}
