import { Body, Get, Param, Post, Put } from '@nestjs/common';
import { ApiBody } from '@nestjs/swagger';
import { CHANNELS, ChannelTestV1, RPC, isChannel, type Channel, type ChannelTestAnswer } from '#contracts';
import { checkAddress } from '#content';
import { AuditRepository } from '#entities';
import { MessageBus } from '#messaging';
import { AdminGuard } from '../auth/admin.guard.js';
import { CurrentCaller, auditBy, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { NotFoundError, invalidField } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import type { Page } from '../http/paging.js';
import { toParams } from '../messages/send-checks.js';
import { ChannelTestDto, PutChannelDto } from './channel.dto.js';
import { CHANNEL_EXAMPLE, TEST_EXAMPLE, type ChannelView } from './channel.view.js';
import { PUT_CHANNEL_EXAMPLES } from './provider.examples.js';
import { SetUpChannelService } from './set-up-channel.service.js';

/** A probe takes as long as its provider does. */
const TEST_TIMEOUT_MS = 15_000;

function channelOf(name: string): Channel {
  if (!isChannel(name)) throw new NotFoundError('channel');
  return name;
}

@NativeController({ path: 'v1/channels', guard: AdminGuard, security: ['admin'] })
export class ChannelsController {
  constructor(
    private readonly setUp: SetUpChannelService,
    private readonly bus: MessageBus,
    private readonly audit: AuditRepository,
  ) {}

  @Get()
  @NativeOperation({
    summary: 'Every channel and how it is served',
    example: { items: [CHANNEL_EXAMPLE], nextCursor: null },
  })
  async list(): Promise<Page<ChannelView>> {
    return { items: await this.setUp.show(CHANNELS), nextCursor: null };
  }

  @Get(':channel')
  @NativeOperation({
    summary: 'One channel',
    description:
      'Write-only settings are named in `secretsSet`, never shown. `health` says how each account is doing and, while it is out of quota, until when.',
    example: CHANNEL_EXAMPLE,
    problems: ['not_found'],
  })
  async get(@Param('channel') name: string): Promise<ChannelView> {
    const [view] = await this.setUp.show([channelOf(name)]);
    if (!view) throw new NotFoundError('channel');
    return view;
  }

  @Put(':channel')
  @NativeOperation({
    summary: 'Set up a channel',
    description:
      'Replaces the set-up; the answer of GET is taken as it is. Without `providers` and `provider` the accounts stay as they are; `providers: []` removes them. ' +
      'Every account that is named starts afresh: what stopped it is forgotten, and what waits for the channel is tried now. Write-only settings of an account that stays are kept where they are absent. ' +
      'One account may be given short as `{enabled, provider, settings}`. While `enabled` is false new messages are refused or skip the channel, and what is waiting goes on waiting, or by another channel, until it expires.',
    example: CHANNEL_EXAMPLE,
    problems: ['not_found', 'conflict'],
  })
  @ApiBody({ type: PutChannelDto, examples: PUT_CHANNEL_EXAMPLES })
  async put(
    @Param('channel') name: string,
    @Body() body: PutChannelDto,
    @CurrentCaller() caller: Caller,
  ): Promise<ChannelView> {
    await this.setUp.put(channelOf(name), body, caller);
    return this.get(name);
  }

  @Post(':channel/test')
  @NativeOperation({
    summary: 'Send a probe and answer the provider’s words',
    description:
      'Waits up to 15 seconds for a channel worker. Sends however the account is doing; a probe that works lets a stopped account go on. Without `text` and `templateId` it sends what the account’s provider is likely to take. `hint` says what to do about the usual errors.',
    example: TEST_EXAMPLE,
    problems: ['not_found', 'unavailable'],
  })
  async test(
    @Param('channel') name: string,
    @Body() body: ChannelTestDto,
    @CurrentCaller() caller: Caller,
  ): Promise<ChannelTestAnswer> {
    const channel = channelOf(name);
    if (channel === 'portal') throw invalidField('channel', 'the portal has no provider to test');
    const check = checkAddress(channel, body.address);
    if (!check.ok) throw invalidField('address', check.problem);
    const { accountId, text, templateId, params } = body;
    if (params && !templateId) throw invalidField('params', 'params need a templateId');
    const given = Object.entries({ accountId, text, templateId, params: toParams(params) });
    const probe: ChannelTestV1 = {
      channel,
      address: check.normalized,
      ...Object.fromEntries(given.filter(([, value]) => value)),
    };
    await this.audit.record({ ...auditBy(caller), action: 'channel.test', target: channel });
    return this.bus.request<ChannelTestAnswer>(RPC.channelTest(channel), probe, TEST_TIMEOUT_MS);
  }
}
