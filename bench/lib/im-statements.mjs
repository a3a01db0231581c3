// The same work as bare SQL, on a table without partitions: a message with the next number of its channel, and the newest of them.
export const BARE_TABLES = `
  CREATE TABLE bare_channel (id text COLLATE "C" PRIMARY KEY, last_seq bigint NOT NULL) WITH (fillfactor = 50);
  CREATE TABLE bare_im_message (
    channel_id text COLLATE "C" NOT NULL, seq bigint NOT NULL, from_uid text NOT NULL, payload bytea NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (channel_id, seq))`;

export const APPEND = {
  name: 'append',
  text: `
    WITH c AS (
      INSERT INTO bare_channel AS b (id, last_seq) VALUES ($1, 1)
          ON CONFLICT (id) DO UPDATE SET last_seq = b.last_seq + 1 RETURNING last_seq)
    INSERT INTO bare_im_message (channel_id, seq, from_uid, payload)
    SELECT $1, c.last_seq, $2, decode($3, 'base64') FROM c RETURNING seq`,
};

export const PAGE = {
  name: 'page',
  text: `
    SELECT seq AS "messageSeq", from_uid AS "fromUid", channel_id AS "channelId",
           floor(extract(epoch FROM sent_at))::bigint AS timestamp, translate(encode(payload, 'base64'), E'\\n', '') AS payload
      FROM bare_im_message WHERE channel_id = $1 ORDER BY seq DESC LIMIT $2`,
};

/** One message to each of many: `$1` their channels. */
export const APPEND_MANY = {
  name: 'append many',
  text: `
    WITH c AS (
      INSERT INTO bare_channel AS b (id, last_seq) SELECT id, 1 FROM unnest($1::text[]) AS g(id) ORDER BY id
          ON CONFLICT (id) DO UPDATE SET last_seq = b.last_seq + 1 RETURNING id, last_seq)
    INSERT INTO bare_im_message (channel_id, seq, from_uid, payload)
    SELECT c.id, c.last_seq, $2, decode($3, 'base64') FROM c`,
};
