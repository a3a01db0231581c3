import { Req } from '@nestjs/common';
import { InboxRepository, encodeDeliveryRef, timeOfMessageId, type InboxCounts, type InboxRow } from '#entities';
import type { CallingApp } from '../../intake/accept-message.command.js';
import { inboxHeading } from '../../inbox/inbox-content.js';
import { PortalLinks } from '../../web/portal/portal-links.service.js';
import { PlatformCall, PlatformController } from './platform-call.decorator.js';
import { answer, type PlatformAnswer } from './platform.envelope.js';
import { PlatformError } from './platform.error.js';
import type { PlatformRequest } from './platform.guard.js';
import { COUNT, LIST, STATE_OF_TYPE } from './platform-inbox.parameters.js';
import { readParameters } from './platform.parameters.js';
import { WallClock } from './wall-clock.js';

interface Counts {
  unread: number;
  read: number;
  checked: number;
  todo: number;
  /** Reserved by the published interface. */
  processing: 0;
  initiated: 0;
  total: number;
}

interface Line {
  id: string;
  title: string;
  type: '1' | '4';
  time: string;
  state: string;
  source: string;
  url: string;
  murl: string;
}

/** A person's whole inbox, whoever sent it: for apps that the administrator gave the feature to. */
@PlatformController()
export class PlatformInboxController {
  constructor(
    private readonly inbox: InboxRepository,
    private readonly links: PortalLinks,
    private readonly clock: WallClock,
  ) {}

  @PlatformCall({
    path: 'api/message/user/count',
    summary: '获取用户消息统计',
    description: 'Of the whole inbox, whoever sent it. Needs the feature `user-count`.',
    parameters: COUNT,
    carries: 'form',
    example: answer({ unread: 1, read: 2, checked: 0, todo: 3, processing: 0, initiated: 0, total: 6 }),
    codes: ['callClosed'],
  })
  async count(@Req() { callingApp, given }: PlatformRequest): Promise<PlatformAnswer<Counts>> {
    mayUse('user-count', callingApp);
    const { account: userId, type } = readParameters(COUNT, given);
    return answer(countsOf(await this.inbox.counts(userId), type));
  }

  @PlatformCall({
    path: 'api/message/user/list',
    summary: '获取用户消息摘要',
    description:
      'Of the whole inbox, newest first. `url` and `murl` open the message in the portal for 7 days. Needs the feature `user-list`.',
    parameters: LIST,
    carries: 'form',
    example: answer({
      total: 1,
      msglist: [
        {
          id: 'AZjB8npSAAAAAB0SOUlA5E0tlsk6i1V0R14',
          title: '生日祝福',
          type: '1',
          time: '2020-01-01 10:10',
          state: '2',
          source: '示例',
          url: 'https://message.example.com/portal/m/AZjB8npSAAAAAB0SOUlA5E0tlsk6i1V0R14',
          murl: 'https://message.example.com/portal/m/AZjB8npSAAAAAB0SOUlA5E0tlsk6i1V0R14',
        },
      ],
    }),
    codes: ['callClosed'],
  })
  async list(
    @Req() { callingApp, given }: PlatformRequest,
  ): Promise<PlatformAnswer<{ total: number; msglist: Line[] }>> {
    mayUse('user-list', callingApp);
    const { account: userId, page, search, size, type } = readParameters(LIST, given);
    const { total, rows } = await this.inbox.page(userId, {
      ...(type === undefined ? {} : { state: STATE_OF_TYPE[type] }),
      ...(search === undefined ? {} : { search }),
      offset: (page - 1) * size,
      limit: size,
    });
    return answer({ total, msglist: rows.map((row) => this.lineOf(row)) });
  }

  private lineOf(row: InboxRow): Line {
    const id = encodeDeliveryRef(row.message_id, row.seq, row.ref);
    const url = this.links.messageUrl(id);
    return {
      id,
      title: inboxHeading(row),
      type: row.kind === 'todo' ? '4' : '1',
      time: this.clock.minutes(row.delivered_at ?? new Date(timeOfMessageId(row.message_id))),
      state: String(row.inbox_state), // what is stored are this door's numbers
      source: row.source,
      url,
      murl: url,
    };
  }
}

/** @param type only its own numbers */
function countsOf(counts: InboxCounts, type: '1' | '4' | undefined): Counts {
  const { unread, read } = type === '4' ? { unread: 0, read: 0 } : counts;
  const { open: todo, done: checked } = type === '1' ? { open: 0, done: 0 } : counts;
  return { unread, read, checked, todo, processing: 0, initiated: 0, total: unread + read + checked + todo };
}

function mayUse(feature: 'user-count' | 'user-list', { features }: CallingApp): void {
  if (!features.has(feature)) throw new PlatformError('callClosed');
}
