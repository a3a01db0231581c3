import { Get, Param, Post, Query } from '@nestjs/common';
import {
  AuditRepository,
  CancelRepository,
  DeliveryLogRepository,
  MessageLogRepository,
  isMessageId,
  type MessageFilter,
  type MessageRow,
} from '#entities';
import { AdminOrClientAppGuard } from '../auth/admin-or-client-app.guard.js';
import { CurrentCaller, auditBy, ownerOf, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { ConflictError, NotFoundError, invalidField } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { decodeCursor, encodeCursor, pageOf, type Page } from '../http/paging.js';
import { DELIVERIES_EXAMPLE, MESSAGE_EXAMPLE } from './messages.examples.js';
import { deliveryView, messageView, type DeliveryView, type MessageView } from './message.views.js';
import { DeliveriesQuery, MessagesQuery } from './messages.dto.js';

@NativeController({ path: 'v1/messages', guard: AdminOrClientAppGuard, security: ['admin', 'clientApp'] })
export class MessagesController {
  constructor(
    private readonly log: MessageLogRepository,
    private readonly deliveryLog: DeliveryLogRepository,
    private readonly cancels: CancelRepository,
    private readonly audit: AuditRepository,
  ) {}

  @Get()
  @NativeOperation({
    summary: 'List messages, newest first',
    description:
      'A page may be short or empty and still have a `nextCursor`: the work of one call is bounded. A client app sees its own.',
    example: { items: [MESSAGE_EXAMPLE], nextCursor: null },
  })
  async list(@CurrentCaller() caller: Caller, @Query() query: MessagesQuery): Promise<Page<MessageView>> {
    const { rows, nextBeforeId } = await this.log.list(filterOf(query, ownerOf(caller)), query.limit);
    return { items: rows.map(messageView), nextCursor: nextBeforeId === null ? null : encodeCursor([nextBeforeId]) };
  }

  @Get(':id')
  @NativeOperation({
    summary: 'One message: status, counts, times, plan',
    example: MESSAGE_EXAMPLE,
    problems: ['not_found'],
  })
  async get(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<MessageView> {
    return messageView(await this.message(id, caller));
  }

  @Get(':id/deliveries')
  @NativeOperation({
    summary: 'Deliveries of a message with every attempt',
    description:
      'In the order of the audience; fallbacks stand after the channel that failed. Addresses of the directory are shown to administrators only.',
    example: DELIVERIES_EXAMPLE,
    problems: ['not_found'],
  })
  async deliveries(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() query: DeliveriesQuery,
  ): Promise<Page<DeliveryView>> {
    await this.message(id, caller);
    const [afterSeq] = decodeCursor<[number]>(query.cursor, ['number']) ?? [-1];
    if (!Number.isInteger(afterSeq) || Math.abs(afterSeq) > 0x7fff_ffff)
      throw invalidField('cursor', 'cursor is not one of ours');
    const rows = await this.deliveryLog.list(id, afterSeq, query.recipient ?? null, query.limit + 1);
    return pageOf(
      rows,
      query.limit,
      (row) => deliveryView(row, caller.kind === 'admin'),
      (row) => [row.seq],
    );
  }

  @Post(':id/cancel')
  @NativeOperation({
    summary: 'Cancel a message',
    description:
      'What has not gone out will not. `cancelled`: nothing went out; `cancelling`: what is not sent yet is being stopped. May be repeated.',
    example: { id: MESSAGE_EXAMPLE.id, status: 'cancelled' },
    problems: ['not_found', 'conflict'],
  })
  async cancel(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<{ id: string; status: string }> {
    const status = isMessageId(id) ? await this.cancels.cancel(id, ownerOf(caller)) : 'unknown';
    if (status === 'unknown') throw new NotFoundError('message');
    if (status === 'too_late')
      throw new ConflictError('The message is completed or expired: there is nothing left to cancel.');
    if (caller.kind === 'admin') await this.audit.record({ ...auditBy(caller), action: 'message.cancel', target: id });
    return { id, status };
  }

  private async message(id: string, caller: Caller): Promise<MessageRow> {
    const row = isMessageId(id) ? await this.log.find(id, ownerOf(caller)) : null;
    if (!row) throw new NotFoundError('message');
    return row;
  }
}

function filterOf(query: MessagesQuery, owner: string | null): MessageFilter {
  const [beforeId] = decodeCursor<[string]>(query.cursor, ['string']) ?? [];
  if (beforeId !== undefined && !isMessageId(beforeId)) throw invalidField('cursor', 'cursor is not one of ours');
  if (owner !== null && query.app !== undefined && query.app !== owner) {
    throw invalidField('app', 'app is a filter for administrators: a client app sees its own messages');
  }
  const clientAppId = owner ?? query.app;
  return {
    ...(clientAppId === undefined ? {} : { clientAppId }),
    ...(query.status ? { status: query.status } : {}),
    ...(query.channel ? { channel: query.channel } : {}),
    ...(query.recipient === undefined ? {} : { recipient: query.recipient }),
    ...(query.from === undefined ? {} : { fromMs: Date.parse(query.from) }),
    ...(query.to === undefined ? {} : { toMs: Date.parse(query.to) }),
    ...(beforeId === undefined ? {} : { beforeId }),
  };
}
