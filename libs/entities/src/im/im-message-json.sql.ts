/**
 * SQL: a row of `im_message m` as the door shows it, the very text that `imMessageJson` makes of a message. A page made by the
 * database costs the process that hands it on a quarter of one made of columns, and pages are what it is asked for most.
 */
export const IM_MESSAGE_JSON = `
  '{"header":{"no_persist":0,"red_dot":' || m.has_red_dot::int || ',"sync_once":0},"setting":' || m.setting
  || ',"message_id":' || m.message_id || ',"message_idstr":"' || m.message_id || '","client_msg_no":' || to_json(m.client_msg_no)::text
  || coalesce(',"stream_no":' || to_json(m.stream_no)::text, '') || ',"message_seq":' || m.seq
  || ',"from_uid":' || to_json(m.from_uid)::text || ',"channel_id":' || to_json(m.channel_id)::text
  || ',"channel_type":' || m.channel_type || coalesce(',"topic":' || to_json(m.topic)::text, '') || ',"expire":' || m.expire
  || ',"timestamp":' || floor(extract(epoch FROM m.sent_at))::bigint
  || ',"payload":"' || translate(encode(m.payload, 'base64'), E'\\n', '') || '"}'`;
