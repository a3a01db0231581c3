import { randomBytes } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { AppError, ChannelTestV1, OUTGOING_CHANNELS, RPC, type ChannelTestAnswer } from '#contracts';
import { Answer } from '#messaging';
import { hintOf } from '#providers';
import { AccountHealth } from '../accounts/account-health.service.js';
import { Accounts } from '../accounts/accounts.service.js';

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
  ) {}

  @Answer(OUTGOING_CHANNELS.map((channel) => RPC.channelTest(channel)), ChannelTestV1, { prefetch: 4 })
  async test({ channel, address, accountId }: ChannelTestV1): Promise<ChannelTestAnswer> {
    const account = await this.accounts.open(channel, accountId);
    if (!account) {
      throw new AppError(
        'not_configured',
        'not_found',
        'No provider serves this channel: configure one with PUT /v1/channels/{channel}.',
        { channel },
      );
    }
    const [outcome] = await account.provider.send(
      [
        {
          ref: randomBytes(26).toString('base64url'),
          address,
          content: account.provider.probeFor?.(address) ?? USUAL_PROBE,
          attempt: 1,
        },
      ],
      AbortSignal.timeout(TIMEOUT_MS),
    );
    if (outcome) await this.health.reportTest(channel, account, outcome);
    const hint = outcome?.code === undefined ? undefined : hintOf(account.provider.name, outcome.code);
    return {
      outcome: outcome?.class ?? 'unknown_outcome',
      provider: account.provider.name,
      ...(outcome?.code === undefined ? {} : { code: outcome.code }),
      ...(outcome?.words === undefined ? {} : { words: outcome.words }),
      ...(hint === undefined ? {} : { hint }),
    };
  }
}
