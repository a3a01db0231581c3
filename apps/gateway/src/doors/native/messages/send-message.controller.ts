import { Body, Headers, Post, Query } from '@nestjs/common';
import { ApiBody, ApiHeader } from '@nestjs/swagger';
import { HTTP_LIMITS } from '#platform';
import type { CallingApp } from '../../../intake/accept-message.command.js';
import { AcceptMessageService } from '../../../intake/accept-message.service.js';
import { CurrentApp } from '../auth/caller.js';
import { ClientAppGuard } from '../auth/client-app.guard.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { DryRunService, type DryRunAnswer } from './dry-run.service.js';
import { idempotencyOf } from './idempotency.js';
import { DryRunQuery, SendMessageDto } from './send-message.dto.js';
import { SEND_MESSAGE_EXAMPLES } from './send-message.examples.js';
import { toCommand } from './to-command.mapper.js';

const BODY = {
  type: SendMessageDto,
  description: 'The users, org units, tags and templates that an example names have to be there before it is tried.',
  examples: SEND_MESSAGE_EXAMPLES,
};

@NativeController({
  path: 'v1/messages',
  guard: ClientAppGuard,
  security: ['clientApp'],
  bodyBytes: HTTP_LIMITS.recipientBodyBytes,
})
export class SendMessageController {
  constructor(
    private readonly intake: AcceptMessageService,
    private readonly dryRuns: DryRunService,
  ) {}

  @Post()
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Up to 255 visible ASCII characters. For 24 hours the same key and body answer the same message; another body is a conflict.',
    example: 'order-1001-shipped',
  })
  @ApiBody(BODY)
  @NativeOperation({
    summary: 'Send a message',
    description:
      'Answers after the message is committed: from then on it is not lost. Beside the codes below a refusal names its reason: `template_unknown`, `param_missing`, `content_missing`, `channel_closed`, `channel_off`, `smart_closed`, `broadcast_closed`, `tag_unknown`, `org_unit_unknown`, `audience_empty`, `address_invalid`, `text_invalid`, `sensitive_word`, `callback_refused`, `time_refused`, `reminder_refused`, `idempotency_conflict`, `sms_quota_exceeded` (status 429: the quota does not cover the whole message; nothing is sent and nothing is deducted).',
    status: 202,
    example: { id: '01994b5e-7c1e-7c58-9a6e-0a9d5b2f3c11', status: 'accepted' },
    problems: ['not_found', 'conflict'],
  })
  async send(
    @CurrentApp() app: CallingApp,
    @Body() body: SendMessageDto,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<{ id: string; status: string }> {
    const { messageId, status } = await this.intake.accept(toCommand(app, body, idempotencyOf(key, body) ?? undefined));
    return { id: messageId, status };
  }

  @Post('dry-run')
  @ApiBody(BODY)
  @NativeOperation({
    summary: 'See what a message would do',
    description:
      'Resolves and renders, sends nothing and stores nothing. Per recipient the chosen channels with the rendered content, or the reason for skipping: `unknown_recipient`, `no_address`, `opted_out_of_app`, `opted_out_of_channel`, `content_missing`, `missing_param`; of a device `unknown_device`, `device_inactive`.',
    example: {
      channels: { mode: 'any', steps: [{ channel: 'sms' }, { channel: 'portal' }] },
      items: [
        {
          recipient: 'u1',
          name: null,
          deliveries: [{ channel: 'sms', fallbacks: ['portal'], content: { text: 'Order 1001 leaves today.' } }],
        },
        { recipient: 'u9', name: null, deliveries: [{ channel: 'sms', skipped: 'unknown_recipient' }] },
      ],
      hasMore: false,
    },
    problems: ['not_found'],
  })
  preview(
    @CurrentApp() app: CallingApp,
    @Body() body: SendMessageDto,
    @Query() query: DryRunQuery,
  ): Promise<DryRunAnswer> {
    return this.dryRuns.run(toCommand(app, body), query.limit);
  }
}
