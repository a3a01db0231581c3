import { Injectable } from '@nestjs/common';
import { PublicAccountRepository, TodoRepository } from '#entities';
import { ChannelCatalog } from '../../../catalog/channel-catalog.service.js';
import type { AcceptMessage, CallingApp } from '../../../intake/accept-message.command.js';
import { SendNowService } from '../../../real-time/send-now.service.js';
import { PlatformError } from '../platform.error.js';
import { todoDigest } from '../todo-digest.js';
import type { SendTemplate } from './send-template.parameters.js';
import { templateOutcome, type TemplateOutcome } from './template-outcome.js';
import { filledText, valuesFor } from './template-text.js';
import { UsableAccount } from './usable-account.service.js';
import { WechatTemplates } from './wechat-templates.service.js';

export interface SentTemplate extends TemplateOutcome {
  messageId: string;
}

/** Template messages, sent while the caller waits. */
@Injectable()
export class SendTemplateService {
  constructor(
    private readonly accounts: PublicAccountRepository,
    private readonly usable: UsableAccount,
    private readonly templates: WechatTemplates,
    private readonly channels: ChannelCatalog,
    private readonly sending: SendNowService,
    private readonly todos: TodoRepository,
  ) {}

  /** @throws PlatformError, IntakeError: refused, and nobody but the administrator sees anything of it */
  async send(app: CallingApp, asked: SendTemplate, ip: string): Promise<SentTemplate> {
    const { messageId, delivery } = await this.sending.send(await this.commandOf(app, asked, ip), 'wechat');
    try {
      return { messageId, ...templateOutcome(delivery) };
    } catch (refusal) {
      // The caller gets no id by which he could close or cancel it.
      await this.todos.takeBack(messageId);
      throw refusal;
    }
  }

  private async commandOf(app: CallingApp, asked: SendTemplate, ip: string): Promise<AcceptMessage> {
    const { userId, publicId, templateId, url, data, messageType } = asked;
    if (!app.channels.has('wechat')) throw new PlatformError('channelClosed');
    const account = await this.usable.get(app, publicId);
    if (!(await this.channels.current()).isOn('wechat')) throw new PlatformError('channelOff');
    const template = await this.templates.get(account, templateId, { actor: `app:${app.appId}`, ip });
    const filled = valuesFor(template.content, data);
    if ('missing' in filled)
      throw new PlatformError('keywordMissing', `缺少对应的keyword的参数：${filled.missing}，请在 data 中补充`);
    await this.requireFollower(app, publicId, userId);
    const isTodo = messageType === '2';
    return {
      app,
      door: 'platform',
      kind: isTodo ? 'todo' : 'notice',
      to: { users: [{ id: userId }] },
      channels: { mode: 'list', list: ['wechat'] },
      publicAccount: publicId,
      isInPortal: true,
      content: { title: template.title, text: filledText(template.content, filled.values), url, templateId },
      params: filled.values,
      ...(isTodo ? { openTodo: { digest: digestOf(asked, filled.values) } } : {}),
    };
  }

  private async requireFollower({ appId }: CallingApp, publicId: string, userId: string): Promise<void> {
    const following = await this.accounts.following(publicId, userId, appId);
    if (following === 'left') throw new PlatformError('unfollowed');
    if (following === 'unknown') throw new PlatformError('openidUnknown');
  }
}

function digestOf({ publicId, templateId, url }: SendTemplate, values: Readonly<Record<string, string>>): string {
  const data = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  return todoDigest(['template', publicId, templateId, url, ...data.flat()]);
}
