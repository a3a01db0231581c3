/** Columns of message_state that count deliveries by status. */
export const COUNTED = [
  'sent',
  'unknown',
  'failed',
  'expired',
  'delivered',
  'read',
  'cancelled',
  'suppressed',
  'skipped',
] as const;

const adds = COUNTED.map((name) => `${name} = s.${name} + p.${name}`).join(', ');
const IS_DONE = `s.status = 'dispatched' AND s.ended + p.ended >= s.expected`;

/** SQL, assignments of message_state `s`: counts what `p` adds (`ended` and COUNTED), and completes a message whose last chain has ended. */
export const COUNTING = `ended = s.ended + p.ended, ${adds},
         status = CASE WHEN ${IS_DONE} THEN CASE WHEN s.cancel_requested_at IS NULL THEN 'completed' ELSE 'cancelled' END
                       ELSE s.status END,
         completed_at = CASE WHEN ${IS_DONE} THEN now() ELSE s.completed_at END`;
