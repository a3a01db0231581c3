import { imFlagsOf, type ImSendBatchV1 } from '#contracts';
import { readFields } from './im.body.js';
import { ImError } from './im.error.js';
import { idProblem, isBlank } from './im.fields.js';
import { headerOf } from './send-message.body.js';

/** What a payload may come to when everybody has it, in bytes: a body of 10 MiB could otherwise have terabytes written. */
const MAX_COPIES = 4 * 1024 * 1024 * 1024;

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
  if (subscribers.length * Buffer.byteLength(payload, 'base64') > MAX_COPIES) {
    throw new ImError(`payload字节数与接收者数之积过大，最多${MAX_COPIES}，请分批发送！`);
  }
  const unusable = new Map<string, string>();
  for (const uid of subscribers) {
    const problem = idProblem('uid', uid);
    if (problem !== null) unusable.set(uid, problem);
  }
  const usable = unusable.size === 0 ? subscribers : subscribers.filter((uid) => !unusable.has(uid));
  return { batch: { flags, fromUid, subscribers: usable, payload }, subscribers, unusable };
}
