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

/** Messages and template versions behind deliveries, kept while they are hot: neither ever changes. */
@Injectable()
export class MessageContent {
  private readonly messages = new Map<string, MessageForSending>();
  private readonly versions = new Map<number, TemplateContent>();

  constructor(private readonly work: DeliveryWorkRepository) {}

  /** The messages of these ids, read in one query where they are not kept. */
  async load(ids: readonly string[]): Promise<Map<string, MessageForSending>> {
    const missing = ids.filter((id) => !this.messages.has(id));
    const loaded = missing.length > 0 ? await this.work.messages(missing) : [];
    const found = new Map<string, MessageForSending>();
    for (const id of ids) {
      const kept = this.messages.get(id);
      if (kept) found.set(id, kept);
    }
    for (const message of loaded) found.set(message.id, message);
    await this.loadVersions([...found.values()].flatMap((message) => message.template_version_id ?? []));
    if (this.messages.size + loaded.length > MAX_MESSAGES) this.messages.clear();
    for (const message of loaded) this.messages.set(message.id, message);
    return found;
  }

  /** @param own params of one recipient; they override the message's */
  render(message: MessageForSending, channel: Channel, own: Params | null): RenderedContent | RenderProblem {
    try {
      const ready =
        message.template_version_id === null
          ? inlineContentFor(channel, message.content ?? {}, message.params ?? {})
          : renderContent(channel, this.versions.get(message.template_version_id) ?? {}, { ...message.params, ...own });
      if (ready && message.reminder_of !== null) return asReminder(channel, ready);
      return ready ?? { code: 'no_content', words: 'the message has no content for this channel' };
    } catch (error) {
      if (error instanceof AppError) return { code: error.code, words: error.message };
      throw error;
    }
  }

  private async loadVersions(ids: readonly number[]): Promise<void> {
    const missing = [...new Set(ids)].filter((id) => !this.versions.has(id));
    if (missing.length === 0) return;
    if (this.versions.size > MAX_VERSIONS) this.versions.clear();
    // Those of the batch that were dropped just now are needed again.
    const wanted = this.versions.size === 0 ? [...new Set(ids)] : missing;
    for (const version of await this.work.templateVersions(wanted))
      this.versions.set(version.id, version.content as TemplateContent);
  }
}

export const isRenderProblem = (content: RenderedContent | RenderProblem): content is RenderProblem =>
  'words' in content;
