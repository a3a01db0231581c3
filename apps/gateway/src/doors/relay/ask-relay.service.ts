import { Injectable } from '@nestjs/common';
import {
  MAX_PULLED,
  MAX_RELAYED,
  RELAY_RPC,
  type RelayChangeAnswer,
  type RelayChangeV1,
  type RelayEntry,
  type RelayPull,
  type RelayPullAnswer,
  type RelayPullV1,
  type RelaySendAnswer,
  type RelaySendV1,
  type RelayVerdict,
} from '#contracts';
import { RelayMailboxRepository } from '#entities';
import { MessageBus } from '#messaging';
import type { RelayTokenDigests } from './relay.call.js';
import { SharedRequest } from '../../real-time/shared-request.js';

/** A caller hears within 2 s that nobody is there. */
const WITHIN_MS = 1_800;
/** Calls that are worth a request while more are being read: a request costs both processes and the broker alike whatever it holds. */
const WORTH_A_REQUEST = 24;

export interface RelaySend extends RelayTokenDigests {
  receiver: string;
  redirect: string;
  /** JSON text. */
  body: string;
}

interface PullCall extends RelayTokenDigests {
  /** Empty: the own mailbox. */
  key: string;
}

/** Has im-sync do what callers of the door want; calls that come at the same time travel in one request. */
@Injectable()
export class AskRelayService {
  private readonly sends: SharedRequest<RelaySend, RelayVerdict>;
  private readonly pulls: SharedRequest<PullCall, RelayPull>;

  constructor(
    private readonly bus: MessageBus,
    private readonly mailboxes: RelayMailboxRepository,
  ) {
    this.sends = new SharedRequest<RelaySend, RelayVerdict>({
      pattern: RELAY_RPC.send,
      maxBatch: MAX_RELAYED,
      fillTo: WORTH_A_REQUEST,
      withinMs: WITHIN_MS,
      bytesOf: ({ body, redirect }) => Buffer.byteLength(body) + Buffer.byteLength(redirect),
      ask: (sends, timeoutMs) => this.askToSend(sends, timeoutMs),
    });
    this.pulls = new SharedRequest<PullCall, RelayPull>({
      pattern: RELAY_RPC.pull,
      maxBatch: MAX_PULLED,
      fillTo: WORTH_A_REQUEST,
      withinMs: WITHIN_MS,
      bytesOf: ({ key }) => Buffer.byteLength(key),
      ask: (calls, timeoutMs) => this.askToPull(calls, timeoutMs),
    });
  }

  /** @throws AppError `transient`: whether it was sent is unknown, unless nobody was there */
  send(message: RelaySend): Promise<RelayVerdict> {
    return this.sends.add(message);
  }

  /** What waited; null: the token opens no such mailbox. @param key null: the own mailbox */
  async pull(who: RelayTokenDigests, key: string | null): Promise<RelayEntry[] | null> {
    const { caller, tokenHash, isStranger } = who;
    const call = { caller, tokenHash, isStranger, key: key ?? '' };
    const { isEntitled, pullId, entries } = await this.pulls.add(call);
    if (!isEntitled) return null;
    if (entries || pullId === null) return entries ?? [];
    return this.mailboxes.pulled(caller, call.key, pullId);
  }

  /** False: the token opens nothing, or whoever is named is unknown. */
  async change(change: RelayChangeV1): Promise<boolean> {
    const { isDone } = await this.bus.request<RelayChangeAnswer>(RELAY_RPC.change, change, WITHIN_MS);
    return isDone;
  }

  private async askToSend(sends: readonly RelaySend[], timeoutMs: number): Promise<RelayVerdict[]> {
    const request: RelaySendV1 = {
      ...columnsOf(sends),
      receivers: sends.map(({ receiver }) => receiver),
      redirects: sends.map(({ redirect }) => redirect),
      bodies: sends.map(({ body }) => body),
    };
    return (await this.bus.request<RelaySendAnswer>(RELAY_RPC.send, request, timeoutMs)).verdicts;
  }

  private async askToPull(calls: readonly PullCall[], timeoutMs: number): Promise<RelayPull[]> {
    const request: RelayPullV1 = { ...columnsOf(calls), keys: calls.map(({ key }) => key) };
    return (await this.bus.request<RelayPullAnswer>(RELAY_RPC.pull, request, timeoutMs)).pulls;
  }
}

const columnsOf = (
  calls: readonly RelayTokenDigests[],
): Pick<RelayPullV1, 'callers' | 'tokenHashes' | 'strangers'> => ({
  callers: calls.map(({ caller }) => caller),
  tokenHashes: calls.map(({ tokenHash }) => tokenHash),
  strangers: calls.map(({ isStranger }) => isStranger),
});
