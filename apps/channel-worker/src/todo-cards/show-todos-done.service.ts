import { Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import { TodoCardRepository, type DueTodoCard } from '#entities';
import { AppLogger, withDeadline } from '#platform';
import type { Outcome } from '#providers';
import { Accounts } from '../accounts/accounts.service.js';
import { EndOfCalls } from '../accounts/end-of-calls.service.js';

/** Cards that one look takes from a channel. */
const AT_A_TIME = 100;
/** A provider that does not answer in this time is tried again; well within the lease of the cards. */
const DEADLINE_MS = 30_000;
/** A card that cannot be changed is a blemish: what it stands for is done all the same. */
const MAX_TRIES = 5;

const MAY_WORK_LATER: ReadonlySet<Outcome['class']> = new Set(['retry', 'rate_limited', 'auth_refresh', 'bad_config']);

/** Closed to-dos → their cards at the vendors say so. */
@Injectable()
export class ShowTodosDoneService {
  constructor(
    private readonly cards: TodoCardRepository,
    private readonly accounts: Accounts,
    private readonly end: EndOfCalls,
    private readonly logger: AppLogger,
  ) {}

  /** Changes every card that is due on the channel. True: there may be more. */
  async show(channel: Channel): Promise<boolean> {
    const due = await this.cards.claimDue(channel, AT_A_TIME);
    const accounts = new Map<string, DueTodoCard[]>();
    for (const card of due) accounts.set(card.account, [...(accounts.get(card.account) ?? []), card]);
    await Promise.all([...accounts].map(([account, cards]) => this.showAt(channel, account, cards)));
    return due.length === AT_A_TIME;
  }

  private async showAt(channel: Channel, account: string, cards: readonly DueTodoCard[]): Promise<void> {
    const outcomes = await this.close(channel, account, cards);
    const through = cards.filter((card, i) => {
      const outcome = outcomes[i];
      return !outcome || !MAY_WORK_LATER.has(outcome.class) || card.attempts >= MAX_TRIES;
    });
    await this.cards.drop(through);
  }

  /** No outcome: the account is gone, or its provider changes no cards. */
  private async close(channel: Channel, account: string, cards: readonly DueTodoCard[]): Promise<readonly Outcome[]> {
    try {
      const provider = (await this.accounts.open(channel, account.slice(channel.length + 1)))?.provider;
      const sent = cards.map(({ address, code }) => ({ address, code }));
      return (await provider?.closeCards?.(sent, withDeadline(this.end.signal, DEADLINE_MS))) ?? [];
    } catch (error) {
      this.logger.warn({ err: error, channel, account }, 'cards of closed to-dos not changed, tried again');
      return cards.map(() => ({ class: 'retry' }));
    }
  }
}
