import { Body, Get, Headers, Post, Query } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { DeadLetterRepository, ReplayRepository, type DeadLetterGroup, type ReplayResult } from '#entities';
import { AdminGuard } from '../auth/admin.guard.js';
import { CurrentCaller, auditBy, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { ConflictError } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
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

@NativeController({ path: 'v1/dead-letters', guard: AdminGuard, security: ['admin'] })
export class DeadLettersController {
  constructor(
    private readonly deadLetters: DeadLetterRepository,
    private readonly replays: ReplayRepository,
  ) {}

  @Get()
  @NativeOperation({
    summary: 'Deliveries and callbacks that failed for good, grouped by cause',
    description: 'Of each cause the newest 1,000 entries are counted: `isAtLeast` says that there are more.',
    example: { items: [GROUP_EXAMPLE] },
  })
  async list(@Query() query: DeadLettersQuery): Promise<{ items: DeadLetterGroup[] }> {
    const groups = await this.deadLetters.groups(query);
    const items = groups.map((group) => ({
      ...group,
      oldestAt: utc(group.oldestAt),
      newestAt: utc(group.newestAt),
      sample: group.sample.map((entry) => ({ ...entry, at: utc(entry.at) })),
    }));
    return { items };
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
