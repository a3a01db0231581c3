import { safeEqual } from '#platform';
import type { InboundAnswer, InboundRequest, ProviderNews } from '../port/channel-provider.port.js';
import { receiptsOfMail } from './bounce-reader.js';
import type { SmtpSettings } from './smtp.settings.js';

/**
 * A raw mail that a mail server hands on from the bounce address: `POST …?token=<callbackToken>`, RFC 5322 as the body,
 * whatever its content type. A mail that says nothing of a delivery is taken, too: the mail server could do nothing with a
 * refusal but send a bounce of a bounce.
 */
export function receiveBounce(settings: SmtpSettings, request: InboundRequest): InboundAnswer {
  const { callbackToken } = settings;
  if (callbackToken === undefined || !safeEqual(request.query.token ?? '', callbackToken))
    return answer(403, 'wrong token');
  if (request.method !== 'POST') return answer(405, 'post the raw mail');
  const receipts = receiptsOfMail(request.body, settings);
  return answer(200, 'taken', receipts.length > 0 ? { receipts } : {});
}

const answer = (status: number, words: string, news: ProviderNews = {}): InboundAnswer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${words}\n`,
  news,
});
