/**
 * What a conversation comes to, of `c` (im_conversation) and `ch` (im_channel). A guest takes part in nothing that is for
 * the whole channel; who sent a red dot in a person channel is told by the side that sent it.
 */
export const SHOWN = {
  lastSeq: 'greatest(CASE WHEN c.is_guest THEN 0 ELSE ch.conv_seq END, c.own_seq)',
  at: 'CASE WHEN NOT c.is_guest AND ch.conv_seq >= c.own_seq THEN ch.conv_at ELSE c.own_at END',
  version: 'greatest(CASE WHEN c.is_guest THEN 0 ELSE ch.conv_version END, c.version)',
  /** Red dots that others sent, whether read or not. */
  red: `CASE WHEN c.is_guest THEN 0 WHEN c.is_left THEN ch.red_total - ch.red_left WHEN NOT c.is_left THEN ch.red_left
             ELSE ch.red_total END + c.own_red`,
  channelId: 'coalesce(c.peer, ch.channel_id)',
} as const;
