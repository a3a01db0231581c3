import { DELIVERY_STATUS, STEPS_PER_RECIPIENT } from '#contracts';
import { newInboxState } from '../inbox/new-inbox-state.sql.js';

const S = DELIVERY_STATUS;

/**
 * A page of the directory for a plan whose only step is the portal: no address, nothing to choose, no work. Makes the
 * rows that CHOOSE_STEPS and insertDeliveries would make, but writes them straight from the page: what is handed from
 * step to step in between costs as much as the insert. What ended is counted from the page and its leavers, which are few,
 * not from the rows that were written.
 *
 * Needs `m` and `page` (of people whom the directory knows); makes `added_work` and `unused` (both empty) and `total`.
 */
export const PORTAL_DELIVERIES = `
leaver AS MATERIALIZED (
  SELECT page.user_id, page.place, bool_or(o.kind = 'app') AS of_app
    FROM m CROSS JOIN page JOIN opt_out o ON o.user_id = page.user_id
   WHERE (o.kind = 'app' AND o.value = m.client_app_id) OR (o.kind = 'channel' AND o.value = 'portal')
   GROUP BY page.user_id, page.place
), inserted AS (
  INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, ref, error_code, delivered_at, settled_at,
                        inbox_state)
  SELECT m.id, (m.base + p.place) * ${STEPS_PER_RECIPIENT},
         (CASE WHEN l.user_id IS NULL THEN ${S.delivered} ELSE ${S.suppressed} END)::smallint, false, 'portal', p.user_id, p.user_id,
         gen_random_uuid(), CASE WHEN l.of_app THEN 'opted_out_of_app' WHEN NOT l.of_app THEN 'opted_out_of_channel' END,
         CASE WHEN l.user_id IS NULL THEN now() END, now(), CASE WHEN l.user_id IS NULL THEN ${newInboxState('m.kind')} END
    FROM m CROSS JOIN page p LEFT JOIN leaver l ON l.place = p.place
), added_work AS (
  SELECT WHERE false
), outcome AS (
  SELECT ${S.delivered}::smallint AS status, (SELECT count(*) FROM page) - (SELECT count(*) FROM leaver) AS count
  UNION ALL SELECT ${S.suppressed}, (SELECT count(*) FROM leaver)
), ended AS (
  INSERT INTO settlement (message_id, app_id, channel, from_status, to_status, count, ended, seqs)
  SELECT m.id, m.client_app_id, 'portal', ${S.pending}, o.status, o.count, o.count,
         CASE WHEN m.status_callback IS NOT NULL THEN ARRAY(
           SELECT (m.base + p.place) * ${STEPS_PER_RECIPIENT} FROM page p LEFT JOIN leaver l ON l.place = p.place
            WHERE (l.user_id IS NULL) = (o.status = ${S.delivered}) ORDER BY p.place) END
    FROM outcome o CROSS JOIN m WHERE o.count > 0
), unused AS (
  SELECT NULL::text AS app_id, NULL::text AS day, 0 AS segments WHERE false
), total AS (
  SELECT count(*)::int AS chains, (SELECT base FROM m) + count(*)::int AS next_ordinal FROM page
)`;
