import type { ImMessage } from '#contracts';

/** SQL: columns of `im_message m` or `im_command m` as an `ImMessage` has them, but for its seq. */
export const IM_CONTENT = `m.message_id::text AS "messageId", m.client_msg_no AS "clientMsgNo", m.has_red_dot AS "redDot",
  m.setting, m.from_uid AS "fromUid", m.channel_id AS "channelId", m.channel_type AS "channelType", coalesce(m.topic, '') AS topic,
  m.expire, floor(extract(epoch FROM m.sent_at))::bigint AS timestamp, translate(encode(m.payload, 'base64'), E'\\n', '') AS payload`;

export type ImContentRow = Omit<ImMessage, 'noPersist' | 'syncOnce' | 'streamNo' | 'streamSeq'>;

/** SQL: nobody may see it any more once it has expired, whether or not it was removed already. */
export const isUnexpired = (message: string): string =>
  `(${message}.expires_at IS NULL OR ${message}.expires_at > now())`;
