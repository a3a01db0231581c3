import type { ImMessage } from '#contracts';

/** SQL: columns of `im_message m` or `im_command m` as an `ImMessage` has them, but for its seq. */
export const IM_CONTENT = `m.message_id::text AS "messageId", m.client_msg_no AS "clientMsgNo", m.has_red_dot AS "redDot",
  m.setting, m.from_uid AS "fromUid", m.channel_id AS "channelId", m.channel_type AS "channelType", coalesce(m.topic, '') AS topic,
  m.expire, floor(extract(epoch FROM m.sent_at))::bigint AS timestamp, translate(encode(m.payload, 'base64'), E'\\n', '') AS payload`;

export type ImContentRow = Omit<ImMessage, 'noPersist' | 'syncOnce' | 'streamNo' | 'streamSeq'>;

/** SQL: nobody may see it any more once it has expired, whether or not it was removed already. */
export const isUnexpired = (message: string): string =>
  `(${message}.expires_at IS NULL OR ${message}.expires_at > now())`;

/** Payloads beyond which an answer takes no further message: pages are asked for by number, whatever they weigh. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** SQL: bytes of the payloads up to this row of a list in order of its `seq`. */
export const bytesUpTo = (direction: 'ASC' | 'DESC'): string =>
  `sum(octet_length(payload)) OVER (ORDER BY seq ${direction} ROWS UNBOUNDED PRECEDING)`;

/** SQL: the answer was not full before this row, of a list that has `bytesUpTo` as `bytes`. */
export const isWithinAnswer = (list: string): string =>
  `${list}.bytes - octet_length(${list}.payload) <= ${MAX_ANSWER_BYTES}`;
