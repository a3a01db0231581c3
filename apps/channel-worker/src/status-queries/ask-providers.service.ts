import { Injectable } from '@nestjs/common';
import { QUEUES, type Channel } from '#contracts';
import { StatusAnswerRepository, StatusQueryRepository, type DueStatusQuery, type StatusAnswer } from '#entities';
import { MessageBus } from '#messaging';
import { AppLogger, withDeadline } from '#platform';
import type { QueryAnswer } from '#providers';
import { Accounts } from '../accounts/accounts.service.js';
import { EndOfCalls } from '../accounts/end-of-calls.service.js';
import { askAgainInMs } from './ask-again.policy.js';

/** References that one look takes from a channel. */
const AT_A_TIME = 200;
/** A provider that does not answer in this time is asked again later; well within the lease of the references. */
const DEADLINE_MS = 30_000;

const WAITING: QueryAnswer = { state: 'waiting', receipts: [] };

/** Asks providers what became of earlier sends and stores what follows from their answers. */
@Injectable()
export class AskProvidersService {
  constructor(
    private readonly queries: StatusQueryRepository,
    private readonly answers: StatusAnswerRepository,
    private readonly accounts: Accounts,
    private readonly end: EndOfCalls,
    private readonly bus: MessageBus,
    private readonly logger: AppLogger,
  ) {}

  /** Asks for everything that is due on the channel, each account by itself. True: there may be more. */
  async ask(channel: Channel): Promise<boolean> {
    const due = await this.queries.claimDue(channel, AT_A_TIME);
    const accounts = new Map<string, DueStatusQuery[]>();
    for (const query of due) accounts.set(query.account, [...(accounts.get(query.account) ?? []), query]);
    const stored = await Promise.allSettled(
      [...accounts].map(([account, queries]) => this.askAccount(channel, account, queries)),
    );
    for (const result of stored) if (result.status === 'rejected') throw result.reason;
    return due.length === AT_A_TIME;
  }

  private async askAccount(channel: Channel, account: string, queries: readonly DueStatusQuery[]): Promise<void> {
    // Several messages may have gone out in one call: one question, and what it brings is stored once.
    const refs = [...new Set(queries.map(({ ref }) => ref))];
    const answers = await this.answersOf(channel, account, refs);
    const answerOf = new Map(refs.map((ref, index) => [ref, answers[index] ?? WAITING]));
    const told = new Set<string>();
    const { receipts, unknown } = await this.answers.apply(
      account,
      queries.map((query): StatusAnswer => {
        const { state, receipts: all } = answerOf.get(query.ref) ?? WAITING;
        const isRepeated = query.kind === 'result' && told.has(query.ref);
        told.add(query.ref);
        return { query, state, receipts: isRepeated ? [] : all, againInMs: askAgainInMs(query.tries) };
      }),
    );
    // Reporting looks by itself, too.
    if (receipts > 0) this.bus.publish(QUEUES.receiptArrived, {}).catch(() => undefined);
    if (unknown > 0) this.bus.publish(QUEUES.deliverySettled, {}).catch(() => undefined);
  }

  /** Nothing, where the account is gone, cannot be opened, or has no way to be asked: the references wait until their time is over. */
  private async answersOf(channel: Channel, account: string, refs: readonly string[]): Promise<readonly QueryAnswer[]> {
    try {
      const provider = (await this.accounts.open(channel, account.slice(channel.length + 1)))?.provider;
      return (await provider?.query?.(refs, withDeadline(this.end.signal, DEADLINE_MS))) ?? [];
    } catch (error) {
      this.logger.error({ err: error, channel, account }, 'provider not asked for the status of earlier sends');
      return [];
    }
  }
}
