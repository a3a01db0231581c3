import { Injectable } from '@nestjs/common';
import { ProgressRepository, ReportRepository, isMessageId, type MessageProgress } from '#entities';
import { causeOf, causeOfEnding } from './failure-causes.js';

/** Recipients read from the database at a time. */
const READ_SIZE = 2000;
/** Most lines of one answer; the counts go on. */
const MAX_LINES = 100_000;

export interface FailedUser {
  user: string;
  cause: string;
}

export interface Progress {
  total: number;
  /** 0 not begun, 2 under way, 1 finished */
  state: '0' | '1' | '2';
  successCount: number;
  failCount: number;
  failUserList: FailedUser[];
}

const STATES: Readonly<Record<MessageProgress['status'], Progress['state']>> = {
  scheduled: '0',
  accepted: '0',
  dispatching: '2',
  dispatched: '2',
  completed: '1',
  cancelled: '1',
  expired: '1',
};

/** What became of a message, recipient by recipient. */
@Injectable()
export class MessageProgressService {
  constructor(
    private readonly progress: ProgressRepository,
    private readonly reports: ReportRepository,
  ) {}

  /** Null when the message is unknown, or another app's. */
  async of(messageId: string, appId: string): Promise<Progress | null> {
    const message = isMessageId(messageId) ? await this.progress.find(messageId, appId) : null;
    if (!message) return null;
    if (message.recipients === 0) return this.beforeFanOut(messageId, message);
    return canTrustCounters(message) ? countersOnly(message) : this.readAll(messageId, message);
  }

  /** Nobody has it yet; where it was called off, nobody will. */
  private async beforeFanOut(messageId: string, message: MessageProgress): Promise<Progress> {
    const { status, named } = message;
    if (status !== 'cancelled' && status !== 'expired') return countersOnly(message);
    const awaited = await this.reports.awaited(messageId, 0, MAX_LINES);
    const failUserList = awaited.map(({ uid }) => ({ user: uid, cause: causeOfEnding(status) }));
    return { total: named, state: '1', successCount: 0, failCount: named, failUserList };
  }

  private async readAll(messageId: string, message: MessageProgress): Promise<Progress> {
    const lines: FailedUser[] = [];
    let [succeeded, failedCount, leftOut] = [0, 0, 0];
    for (let from = 0; from < message.recipients; from += READ_SIZE) {
      const page = await this.progress.page(messageId, from, READ_SIZE);
      succeeded += page.succeeded;
      leftOut += page.leftOut;
      failedCount += page.failed.length;
      for (const { user, deliveries } of page.failed.slice(0, MAX_LINES - lines.length)) {
        lines.push({ user, cause: causeOf(deliveries) });
      }
    }
    return {
      total: totalOf(message) - leftOut,
      state: STATES[message.status],
      successCount: succeeded,
      failCount: failedCount,
      failUserList: lines,
    };
  }
}

/** Nothing went wrong and everybody has one delivery: the counters say it all, however many there are. */
const canTrustCounters = ({ status, isOneEach, endedBadly }: MessageProgress): boolean =>
  status === 'completed' && isOneEach && endedBadly === 0;

const countersOnly = (message: MessageProgress): Progress => ({
  total: totalOf(message),
  state: STATES[message.status],
  successCount: message.wentOut,
  failCount: 0,
  failUserList: [],
});

/** While a fan-out goes on, those it names itself are known already. */
const totalOf = ({ named, recipients }: MessageProgress): number => Math.max(named, recipients);
