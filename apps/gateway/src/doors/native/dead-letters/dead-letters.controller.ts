import { Body, Get, Headers, Post, Query } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import {
  DEAD_LETTER_KINDS,
  DeadLetterRepository,
  ReplayRepository,
  type DeadLetterGroup,
  type DeadLetterKind,
  type DeadLetterPlace,
  type ReplayResult,
} from '#entities';
import { AdminGuard } from '../auth/admin.guard.js';
import { CurrentCaller, auditBy, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { ConflictError, invalidField } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { decodeCursor, pageOf, type Page } from '../http/paging.js';
import { idempotencyOf } from '../messages/idempotency.js';
import { DEFAULT_PER_SECOND, DeadLettersQuery, ReplayDto, toFilter } from './dead-letters.dto.js';

const GROUP_EXAMPLE: DeadLetterGroup = {
  kind: 'delivery',
  channel: 'sms',
  cause: 'sandbox_no_such_recipient',
  appId: 'shop',
  count: 3,
  isAtLeast: false,
  oldestAt: '2026-03-01T00:00:00.101Z',
  newestAt: '2026-03-01T00:10:00.101Z',
  sample: [{ messageId: '01994b5e-7c1e-7c58-9a6e-0a9d5b2f3c11', seqs: [0, 16, 32], at: '2026-03-01T00:10:00.101Z' }],
};

const utc = (time: string): string => new Date(time).toISOString();

const view = (group: DeadLetterGroup): DeadLetterGroup => ({
  ...group,
  oldestAt: utc(group.oldestAt),
  newestAt: utc(group.newestAt),
  sample: group.sample.map((entry) => ({ ...entry, at: utc(entry.at) })),
});

/** Counts are bounded, so a larger one is none of ours; the database would refuse it. */
const MAX_COUNT = 0x7fff_ffff;

function placeOf(cursor: string | undefined): DeadLetterPlace | null {
  const parts = decodeCursor<[number, string, string, string, string]>(cursor, [
    'number',
    'string',
    'string',
    'string',
    'string',
  ]);
  if (!parts) return null;
  const [count, kind, channel, cause, appId] = parts;
  if (!Number.isInteger(count) || Math.abs(count) > MAX_COUNT || !isKind(kind))
    throw invalidField('cursor', 'cursor is not one of ours');
  return { count, kind, channel, cause, appId };
}

const isKind = (kind: string): kind is DeadLetterKind => DEAD_LETTER_KINDS.some((known) => known === kind);

@NativeController({ path: 'v1/dead-letters', guard: AdminGuard, security: ['admin'] })
export class DeadLettersController {
  constructor(
    private readonly deadLetters: DeadLetterRepository,
    private readonly replays: ReplayRepository,
  ) {}

  @Get()
  @NativeOperation({
    summary: 'Deliveries and callbacks that failed for good, grouped by cause',
    description:
      'The largest groups first. Of each cause the newest 1,000 entries are counted: `isAtLeast` says that there are more. Every page counts anew.',
    example: { items: [GROUP_EXAMPLE], nextCursor: null },
  })
  async list(@Query() { limit, cursor, ...filter }: DeadLettersQuery): Promise<Page<DeadLetterGroup>> {
    return pageOf(await this.deadLetters.groups(filter, placeOf(cursor), limit + 1), limit, view, (group) => [
      group.count,
      group.kind,
      group.channel,
      group.cause,
      group.appId,
    ]);
  }

  @Post('replay')
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    example: 'replay-2026-03-01',
    description: 'The same key and body answer the same replay.',
  })
  @NativeOperation({
    summary: 'Try dead letters again',
    description:
      'Every dead letter is replayed at most once, as a new delivery on the same channel to the address of today, `perSecond` at a time. ' +
      '`refused` counts by reason what was not sent again: `not_dead`, `message_gone`, `message_cancelled`, `todo_done`, `no_free_step`, `payload_missing`; ' +
      '`no_address` and `opted_out` go back to the desk under that cause. One call takes up to 20,000: with `hasMore`, call again.',
    status: 202,
    example: {
      replayId: '7a0f6c8e-3c0e-4f0c-8f43-7d5c6b1c0f11',
      matched: 3,
      replayed: 2,
      refused: { no_address: 1 },
      hasMore: false,
    },
    problems: ['conflict'],
  })
  async replay(
    @CurrentCaller() caller: Caller,
    @Body() body: ReplayDto,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<ReplayResult> {
    const result = await this.replays.replay({
      ...auditBy(caller),
      filter: toFilter(body.filter ?? {}),
      perSecond: body.perSecond ?? DEFAULT_PER_SECOND,
      idempotency: idempotencyOf(key, body),
    });
    if (!result) throw new ConflictError('This idempotency key was used with another body in the last 24 hours.');
    return result;
  }
}
