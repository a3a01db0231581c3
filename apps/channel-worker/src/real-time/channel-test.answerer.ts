import { randomBytes } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { AppError, ChannelTestV1, OUTGOING_CHANNELS, RPC, type Channel, type ChannelTestAnswer } from '#contracts';
import { DeviceRepository, ProviderTokenRepository } from '#entities';
import { Answer } from '#messaging';
import { AppLogger } from '#platform';
import { hintOf, type Outcome, type RenderedContent } from '#providers';
import { AccountHealth } from '../accounts/account-health.service.js';
import { outboundDevice } from '../devices/device-batch.js';
import { Accounts, type OpenAccount } from '../accounts/accounts.service.js';

const TIMEOUT_MS = 14_000;
const USUAL_PROBE = { title: 'Message Center', text: 'Test message of the message center. 消息中心测试消息。' };

/**
 * Sends a probe on an administrator's word and answers what the provider said, however the account stands: one that works lets
 * a stopped account go on. Of the message nothing is stored.
 */
@Controller()
export class ChannelTestAnswerer {
  constructor(
    private readonly accounts: Accounts,
    private readonly health: AccountHealth,
    private readonly tokens: ProviderTokenRepository,
    private readonly devices: DeviceRepository,
    private readonly logger: AppLogger,
  ) {}

  @Answer(OUTGOING_CHANNELS.map((channel) => RPC.channelTest(channel)), ChannelTestV1, { prefetch: 4 })
  async test(request: ChannelTestV1): Promise<ChannelTestAnswer> {
    const { channel, address, accountId } = request;
    const device = channel === 'push' ? await this.devices.find(address, null) : null;
    const account = await this.accounts.open(channel, accountId, device);
    if (!account) {
      throw new AppError(
        'not_configured',
        'not_found',
        'No provider serves this channel: configure one with PUT /v1/channels/{channel}.',
        { channel },
      );
    }
    // The administrator wants to know what the vendor says now.
    await this.tokens.forgetRefusals();
    const [outcome] = await account.provider.send(
      [
        {
          ref: randomBytes(26).toString('base64url'),
          address,
          ...(device ? { device: outboundDevice(device) } : {}),
          content: givenContent(request) ?? account.provider.probeFor?.(address) ?? USUAL_PROBE,
          attempt: 1,
        },
      ],
      AbortSignal.timeout(TIMEOUT_MS),
    );
    if (outcome) await this.report(channel, account, outcome);
    const hint = outcome?.code === undefined ? undefined : hintOf(account.provider.name, outcome.code);
    return {
      outcome: outcome?.class ?? 'unknown_outcome',
      provider: account.provider.name,
      ...(outcome?.code === undefined ? {} : { code: outcome.code }),
      ...(outcome?.words === undefined ? {} : { words: outcome.words }),
      ...(hint === undefined ? {} : { hint }),
    };
  }

  /** Never throws: the administrator is to hear what the vendor said. */
  private async report(channel: Channel, account: OpenAccount, outcome: Outcome): Promise<void> {
    try {
      await this.health.reportTest(channel, account, outcome);
    } catch (error) {
      this.logger.warn({ err: error, account: account.id }, 'health of an account not stored after a test of it');
    }
  }
}

/** What the administrator wants to send; null: whatever is likely to work. */
function givenContent({ text, templateId, params }: ChannelTestV1): RenderedContent | null {
  if (text === undefined && templateId === undefined) return null;
  return {
    ...USUAL_PROBE,
    ...(text === undefined ? {} : { text }),
    ...(templateId === undefined ? {} : { templateId, params: params ?? {} }),
  };
}
