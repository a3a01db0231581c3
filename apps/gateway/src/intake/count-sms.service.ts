import { Injectable } from '@nestjs/common';
import type { Params } from '#contracts';
import { smsSegments } from '#content';
import { RecipientRepository } from '#entities';
import type { AcceptMessage } from './accept-message.command.js';
import type { CheckedMessage } from './plan-message.service.js';
import { smsTextOf } from './sms-text.js';

/**
 * What a message takes from its app's SMS budget when it is accepted: the segments for everybody who is named by it and surely
 * gets an SMS. That is given numbers, and users with a number where SMS is among the channels of mode `list` or `all`. For
 * everybody else (tags, org units, all; `any` and `smart`, where SMS may not be needed) the worker takes when SMS is tried.
 */
@Injectable()
export class CountSmsService {
  constructor(private readonly recipients: RecipientRepository) {}

  /** The message with the segments of each person and their sum. Apps without a quota pay nothing. */
  async count(command: AcceptMessage, checked: CheckedMessage): Promise<CheckedMessage> {
    if (!command.app.hasSmsQuota) return checked;
    const { audience, plan } = checked;
    const reached = await this.withNumber(command, checked);
    const segmentsFor = memoized((own) => segmentsOf(checked, own));
    const users = audience.users?.map((user) =>
      reached.has(user.id) ? withSegments(user, segmentsFor(user.params)) : user,
    );
    const addresses = audience.addresses?.map((entry) =>
      entry.channel === 'sms' && !entry.isInvalid ? withSegments(entry, segmentsFor(entry.params)) : entry,
    );
    const sum = [...(users ?? []), ...(addresses ?? [])].reduce((total, { smsSegments: n = 0 }) => total + n, 0);
    if (sum === 0) return checked;
    return {
      ...checked,
      audience: { ...audience, ...(users && { users }), ...(addresses && { addresses }) },
      plan: { ...plan, smsSegments: sum },
    };
  }

  private async withNumber(command: AcceptMessage, { audience, plan }: CheckedMessage): Promise<ReadonlySet<string>> {
    const isSure = (plan.mode === 'list' || plan.mode === 'all') && plan.steps.some(({ channel }) => channel === 'sms');
    if (!isSure || !audience.users) return new Set();
    return this.recipients.withAddress(
      command.app.appId,
      'sms',
      audience.users.map(({ id }) => id),
    );
  }
}

const withSegments = <T extends object>(person: T, segments: number): T & { smsSegments?: number } =>
  segments > 0 ? { ...person, smsSegments: segments } : person;

/** 0: there is nothing to send, as the worker will find out. */
function segmentsOf(checked: CheckedMessage, own: Params | undefined): number {
  const text = smsTextOf(checked, own);
  return text === null ? 0 : smsSegments(text).segments;
}

/** The text of people without params of their own is counted once. */
function memoized(count: (own: Params | undefined) => number): (own: Params | undefined) => number {
  let common: number | undefined;
  return (own) => (own === undefined ? (common ??= count(undefined)) : count(own));
}
