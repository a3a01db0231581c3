import { DELIVERY_STATUS, STEPS_PER_RECIPIENT } from '#contracts';
import { newInboxState } from '../inbox/new-inbox-state.sql.js';

const S = DELIVERY_STATUS;
const STATUS = `CASE WHEN NOT p.is_known THEN ${S.failed} WHEN l.user_id IS NOT NULL THEN ${S.suppressed} ELSE ${S.delivered} END::smallint`;

/**
 * A page of the directory for a plan whose only step is the portal: no address, nothing to choose, no work. Makes the
 * rows that CHOOSE_STEPS and insertDeliveries would make, but writes them straight from the page: what is handed from
 * step to step in between costs as much as the insert. Without ON CONFLICT, because the caller holds the state row and
 * moves the cursor in the same transaction: a row that exists already is a bug and must fail.
 *
 * Needs `m` and `page`; makes `added_work` and `unused` (both empty) and `total`.
 *
 * The directory is asked by key, for the page as a whole: a join may be planned as a merge that reads it from its beginning.
 */
export const PORTAL_DELIVERIES = `
leaver AS MATERIALIZED (
  SELECT o.user_id, bool_or(o.kind = 'app') AS of_app
    FROM m CROSS JOIN page JOIN opt_out o ON o.user_id = page.user_id
   WHERE (o.kind = 'app' AND o.value = m.client_app_id) OR (o.kind = 'channel' AND o.value = 'portal')
   GROUP BY o.user_id
), inserted AS (
  INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, ref, error_code, delivered_at, settled_at,
                        inbox_state)
  SELECT m.id, (m.base + p.place) * ${STEPS_PER_RECIPIENT}, ${STATUS}, false, 'portal', p.user_id, p.user_id, gen_random_uuid(),
         CASE WHEN NOT p.is_known THEN 'unknown_recipient' WHEN l.of_app THEN 'opted_out_of_app'
              WHEN l.user_id IS NOT NULL THEN 'opted_out_of_channel' END,
         CASE WHEN p.is_known AND l.user_id IS NULL THEN now() END, now(),
         CASE WHEN p.is_known AND l.user_id IS NULL THEN ${newInboxState('m.kind')} END
    FROM m CROSS JOIN (
      SELECT page.user_id, r.user_id IS NOT NULL AS is_known, (row_number() OVER (ORDER BY page.user_id))::int - 1 AS place
        FROM page LEFT JOIN (
          SELECT user_id FROM recipient WHERE user_id = ANY(ARRAY(SELECT user_id FROM page))
        ) r ON r.user_id = page.user_id
    ) p LEFT JOIN leaver l ON l.user_id = p.user_id
  RETURNING seq, status
), added_work AS (
  SELECT WHERE false
), ended AS (
  INSERT INTO settlement (message_id, app_id, channel, from_status, to_status, count, ended, seqs)
  SELECT m.id, m.client_app_id, 'portal', ${S.pending}, i.status, count(*), count(*),
         array_agg(i.seq) FILTER (WHERE m.status_callback IS NOT NULL)
    FROM inserted i CROSS JOIN m GROUP BY m.id, m.client_app_id, m.status_callback, i.status
), unused AS (
  SELECT NULL::text AS app_id, NULL::text AS day, 0 AS segments WHERE false
), total AS (
  SELECT count(*)::int AS chains, (SELECT base FROM m) + count(*)::int AS next_ordinal FROM page
)`;
