import { Injectable } from '@nestjs/common';
import type { Audience } from '#contracts';
import { OptOutRepository } from '#entities';
import { Batcher } from '#messaging';
import type { AcceptMessage } from './accept-message.command.js';
import { IntakeError, MAX_NAMED } from './intake-error.js';

/** Questions of one statement. */
const QUESTIONS_AT_A_TIME = 200;

/** Up to so many receivers the commit itself finds out whether one has left; that is rare, and then they are asked for. */
const FEW = 50;

export interface RemainingAudience {
  audience: Audience;
  /** In the order given. */
  optedOut: string[];
}

/** The commit judges, without a question before it. Not where it would take from a quota or hold a to-do: those come after. */
export const isJudgedByCommit = ({ app, optOuts, openTodo }: AcceptMessage, { users }: Audience): boolean =>
  optOuts === 'leave_out' && openTodo === undefined && !app.hasSmsQuota && users !== undefined && users.length <= FEW;

/**
 * Takes those out of an audience who want nothing from the app. Calls that ask at the same time share one question to the
 * database. Who leaves the app after it is left out by the fan-out.
 */
@Injectable()
export class LeaveOutOptOuts {
  private readonly together = new Batcher<{ appId: string; userIds: string[] }, Set<string>>({
    maxBatch: QUESTIONS_AT_A_TIME,
    flush: async (questions) => (await this.optOuts.leftApp(questions)).map((value) => ({ value })),
  });

  constructor(private readonly optOuts: OptOutRepository) {}

  /** @throws IntakeError `all_opted_out` */
  async from(audience: Audience, { app, optOuts }: AcceptMessage): Promise<RemainingAudience> {
    const { users, ...others } = audience;
    if (optOuts !== 'leave_out' || !users) return { audience, optedOut: [] };
    const left = await this.together.add({ appId: app.appId, userIds: users.map(({ id }) => id) });
    if (left.size === 0) return { audience, optedOut: [] };
    const optedOut = users.flatMap(({ id }) => (left.has(id) ? [id] : []));
    const staying = users.filter(({ id }) => !left.has(id));
    if (staying.length > 0) return { audience: { ...audience, users: staying }, optedOut };
    if (Object.keys(others).length > 0) return { audience: others, optedOut };
    throw new IntakeError('all_opted_out', 'Every receiver opted out of the messages of this client app.', 'to.users', {
      users: optedOut.slice(0, MAX_NAMED),
    });
  }
}
