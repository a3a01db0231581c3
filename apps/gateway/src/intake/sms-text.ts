import { AppError, type Params } from '#contracts';
import { inlineContentFor, renderContent, type TemplateContent } from '#content';
import type { CheckedMessage } from './plan-message.service.js';

/** What an SMS to somebody with these params says; null: there is nothing to send, as the worker will find out. */
export function smsTextOf({ template, content, params }: CheckedMessage, own: Params | undefined): string | null {
  try {
    const ready = template
      ? renderContent('sms', template.content as TemplateContent, { ...params, ...own })
      : inlineContentFor('sms', content ?? {});
    return ready ? (ready.text ?? '') : null;
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}
