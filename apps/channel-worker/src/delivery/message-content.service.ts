import { Injectable } from '@nestjs/common';
import { AppError, type Channel, type Params } from '#contracts';
import { inlineContentFor, renderContent, type TemplateContent } from '#content';
import { DeliveryWorkRepository, type MessageForSending } from '#entities';
import type { RenderedContent } from '#providers';
import { asReminder } from './as-reminder.policy.js';

const MAX_MESSAGES = 1000;
const MAX_VERSIONS = 1000;

/** Why a delivery cannot be rendered; nobody can send it. */
export interface RenderProblem {
  code: string;
  words: string;
}

/** With the template version it was accepted with; null: its content is its own. */
export interface LoadedMessage extends MessageForSending {
  template: TemplateContent | null;
}

/** Messages and template versions behind deliveries, kept while they are hot: neither ever changes. */
@Injectable()
export class MessageContent {
  private readonly messages = new Map<string, MessageForSending>();
  private readonly versions = new Map<number, TemplateContent>();

  constructor(private readonly work: DeliveryWorkRepository) {}

  /** The messages of these ids, read in one query where they are not kept. */
  async load(ids: readonly string[]): Promise<Map<string, LoadedMessage>> {
    const missing = ids.filter((id) => !this.messages.has(id));
    const loaded = missing.length > 0 ? await this.work.messages(missing) : [];
    const found = [...ids.flatMap((id) => this.messages.get(id) ?? []), ...loaded];
    if (this.messages.size + loaded.length > MAX_MESSAGES) this.messages.clear();
    for (const message of loaded) this.messages.set(message.id, message);
    const versions = await this.versionsOf(found.flatMap((message) => message.template_version_id ?? []));
    return new Map(
      found.map((message) => {
        const { template_version_id: version } = message;
        return [
          message.id,
          { ...message, template: version === null ? null : (versions.get(version) ?? gone(version)) },
        ];
      }),
    );
  }

  /** @param own params of one recipient; they override the message's */
  render(message: LoadedMessage, channel: Channel, own: Params | null): RenderedContent | RenderProblem {
    try {
      const ready =
        message.template === null
          ? inlineContentFor(channel, message.content ?? {}, message.params ?? {})
          : renderContent(channel, message.template, { ...message.params, ...own });
      if (ready && message.reminder_of !== null) return asReminder(channel, ready);
      return ready ?? { code: 'no_content', words: 'the message has no content for this channel' };
    } catch (error) {
      if (error instanceof AppError) return { code: error.code, words: error.message };
      throw error;
    }
  }

  /** What is kept may be dropped by another batch while this one waits for the rest: it is taken before. */
  private async versionsOf(ids: readonly number[]): Promise<Map<number, TemplateContent>> {
    const found = new Map<number, TemplateContent>();
    const missing = new Set<number>();
    for (const id of ids) {
      const kept = this.versions.get(id);
      if (kept) found.set(id, kept);
      else missing.add(id);
    }
    if (missing.size === 0) return found;
    const loaded = await this.work.templateVersions([...missing]);
    if (this.versions.size + loaded.length > MAX_VERSIONS) this.versions.clear();
    for (const { id, content } of loaded) {
      this.versions.set(id, content);
      found.set(id, content);
    }
    return found;
  }
}

/** No version is ever removed: that it is not there says nothing of the message. */
function gone(templateVersionId: number): never {
  throw new AppError('template_version_gone', 'bug', 'A template version that a message names is not there.', {
    templateVersionId,
  });
}

export const isRenderProblem = (content: RenderedContent | RenderProblem): content is RenderProblem =>
  'words' in content;
