import { imFlagsOf, type ImSendBatchV1 } from '#contracts';
import { readFields } from './im.body.js';
import { ImError } from './im.error.js';
import { idProblem, isBlank } from './im.fields.js';
import { headerOf } from './send-message.body.js';

/** Ten times what is recommended, and what one payload may come to when it stands in as many logs, in characters. */
const MAX_RECIPIENTS = 100_000;
const MAX_COPIES = 512 * 1024 * 1024;

/** What a caller wants sent. */
export interface GivenBatch {
  /** To those who can be sent to; there may be none. */
  batch: ImSendBatchV1;
  /** As given. */
  subscribers: readonly string[];
  /** Why nothing can be sent to the others of them. */
  unusable: ReadonlyMap<string, string>;
}

/** `POST /message/sendbatch`. @throws ImError, BodyError */
export function readBatch(raw: unknown): GivenBatch {
  const fields = readFields(raw, 'decoder');
  const flags = imFlagsOf({ ...headerOf(fields), startsStream: false });
  const fromUid = fields.id('from_uid');
  const subscribers = fields.texts('subscribers');
  const payload = fields.payload('payload');
  if (isBlank(fromUid)) throw new ImError('from_uid不能为空！');
  if (subscribers.length === 0) throw new ImError('subscribers不能为空！');
  if (payload === '') throw new ImError('payload不能为空！');
  if (subscribers.length > MAX_RECIPIENTS || subscribers.length * payload.length > MAX_COPIES) {
    throw new ImError('subscribers过多，请分批发送！');
  }
  const unusable = new Map<string, string>();
  for (const uid of subscribers) {
    const problem = idProblem('uid', uid);
    if (problem !== null) unusable.set(uid, problem);
  }
  const usable = unusable.size === 0 ? subscribers : subscribers.filter((uid) => !unusable.has(uid));
  return { batch: { flags, fromUid, subscribers: usable, payload }, subscribers, unusable };
}
