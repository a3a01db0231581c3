import { Injectable } from '@nestjs/common';
import { hasBadUnicode } from '#content';
import { UplinkRepository, type InboxMessage } from '#entities';
import { PortalProblem } from '../page/portal-problem.js';
import { MAX_REPLY } from './message-page.js';

/** More than anybody has to say to one message; the page shows them all. */
const MAX_REPLIES = 50;

/** What a person answers to a message on its page. */
@Injectable()
export class RepliesService {
  constructor(private readonly uplinks: UplinkRepository) {}

  /** Oldest first. */
  async of({ message_id, recipient }: InboxMessage): Promise<{ text: string; at: Date }[]> {
    const rows = await this.uplinks.list({ messageId: message_id, address: recipient }, MAX_REPLIES);
    return rows.filter(({ channel }) => channel === 'portal').reverse();
  }

  /** @throws PortalProblem */
  async take(row: InboxMessage, written: string): Promise<void> {
    const text = written.replace(/\r\n?/g, '\n').trim();
    if (text === '' || Array.from(text).length > MAX_REPLY || hasBadUnicode(text)) throw new PortalProblem('bad_reply');
    if ((await this.of(row)).length >= MAX_REPLIES) throw new PortalProblem('too_many_replies');
    const { message_id: messageId, seq, recipient: userId } = row;
    if (!(await this.uplinks.reply({ messageId, seq, userId, text }))) throw new PortalProblem('no_replies');
  }
}
