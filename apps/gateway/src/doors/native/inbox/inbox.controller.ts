import { Get, Param, Post, Query } from '@nestjs/common';
import { InboxRepository, isMessageId, type InboxCounts } from '#entities';
import { AcknowledgeService } from '../../../acknowledge/acknowledge.service.js';
import { AdminOrClientAppGuard } from '../auth/admin-or-client-app.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { NotFoundError, invalidField } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { decodeCursor, pageOf, type Page } from '../http/paging.js';
import { mayUse } from './inbox-access.policy.js';
import { InboxQuery } from './inbox.dto.js';
import { INBOX_EXAMPLE, inboxItem, type InboxItem } from './inbox.view.js';

const MAX_SEQ = 0x7fff_ffff;

@NativeController({ path: 'v1/users/:userId/inbox', guard: AdminOrClientAppGuard, security: ['admin', 'clientApp'] })
export class InboxController {
  constructor(
    private readonly inbox: InboxRepository,
    private readonly acknowledge: AcknowledgeService,
  ) {}

  @Get()
  @NativeOperation({
    summary: 'A person’s portal messages, newest first',
    description: 'For client apps with the feature `user-list`. An unknown user has an empty inbox.',
    example: { items: [INBOX_EXAMPLE], nextCursor: null },
  })
  async list(
    @Param('userId') userId: string,
    @Query() { type, search, limit, cursor }: InboxQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<InboxItem>> {
    mayUse('user-list', caller);
    const rows = await this.inbox.list(userId, type, beforeOf(cursor), limit + 1, search);
    return pageOf(rows, limit, inboxItem, (row) => [row.message_id, row.seq]);
  }

  @Get('count')
  @NativeOperation({
    summary: 'How many portal messages are in which state',
    description: 'Notices are unread or read, to-dos open or done. For client apps with the feature `user-count`.',
    example: { read: 12, unread: 3, done: 4, open: 1 },
  })
  async count(@Param('userId') userId: string, @CurrentCaller() caller: Caller): Promise<InboxCounts> {
    mayUse('user-count', caller);
    return this.inbox.counts(userId);
  }

  @Post(':id/read')
  @NativeOperation({
    summary: 'Mark a portal message as read',
    description: 'Repeating it changes nothing. For client apps with the feature `user-list`.',
    status: 204,
    example: null,
    problems: ['not_found'],
  })
  async read(@Param('userId') userId: string, @Param('id') id: string, @CurrentCaller() caller: Caller): Promise<void> {
    mayUse('user-list', caller);
    if (!(await this.inbox.find(userId, id))) throw new NotFoundError('message');
    await this.acknowledge.acknowledge(id);
  }
}

function beforeOf(cursor: string | undefined): { messageId: string; seq: number } | null {
  const parts = decodeCursor<[string, number]>(cursor, ['string', 'number']);
  if (!parts) return null;
  const [messageId, seq] = parts;
  if (!isMessageId(messageId) || !Number.isInteger(seq) || seq < 0 || seq > MAX_SEQ) {
    throw invalidField('cursor', 'cursor is not one of ours');
  }
  return { messageId, seq };
}
