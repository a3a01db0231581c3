/** New work of small audiences is handed over at once; where that fails it is due again after this. */
export const HANDOVER_S = 30;

/** Columns of `m`: what a fan-out reads of a message. */
export const M_COLUMNS = `msg.id, msg.client_app_id, msg.kind, msg.priority, msg.audience, msg.plan, msg.status_callback, msg.accepted_at,
  msg.send_at, msg.expires_at, msg.remind_every_s`;

/** SQL: every chain of state `s` has ended, with those of `t` that are new. */
export const IS_DONE = 's.ended >= s.chains + coalesce(t.chains, 0)';

/** The first reminder of a to-do is due one interval after everybody has it. */
export const REMINDING = `
  INSERT INTO work (kind, message_id, app_id, priority, due_at)
  SELECT 'remind', id, client_app_id, priority, now() + remind_every_s * interval '1 second'
    FROM m WHERE remind_every_s IS NOT NULL`;
