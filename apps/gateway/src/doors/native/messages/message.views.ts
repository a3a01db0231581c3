import { INBOX_STATE, PRIORITY, isToDevice, ordinalOf, stepOf, type Plan, type Priority } from '#contracts';
import type { AttemptRow, DeliveryRow, MessageRow } from '#entities';

const PRIORITY_NAMES = Object.keys(PRIORITY) as Priority[];
const iso = (time: Date | null): string | null => time?.toISOString() ?? null;

export interface MessageView {
  id: string;
  appId: string;
  door: string;
  kind: string;
  priority: string;
  status: string;
  channels: PlanView;
  template: { code: string | null; version: number } | null;
  clientRef: string | null;
  acceptedAt: string;
  sendAt: string | null;
  expiresAt: string | null;
  /** Seconds between the reminders of a to-do. */
  remindEvery: number | null;
  /** Id of the to-do that this message reminds of. */
  reminderOf: string | null;
  dispatchedAt: string | null;
  cancelRequestedAt: string | null;
  completedAt: string | null;
  counts: Record<(typeof COUNTS)[number] | 'recipients' | 'open', number>;
}

/** The channels fixed at acceptance, in the order they are tried. */
export interface PlanView {
  mode: string;
  steps: { channel: string; successWhen?: string; within?: number }[];
  portalAtOnce?: true;
}

const COUNTS = [
  'sent',
  'delivered',
  'read',
  'unknown',
  'failed',
  'expired',
  'cancelled',
  'suppressed',
  'skipped',
] as const;

export const planView = (plan: Plan): PlanView => ({
  mode: plan.mode,
  steps: plan.steps.map(({ channel, successWhen, withinS }) => ({
    channel,
    ...(successWhen ? { successWhen } : {}),
    ...(withinS === undefined ? {} : { within: withinS }),
  })),
  ...(plan.portalAtOnce ? { portalAtOnce: true as const } : {}),
});

export function messageView(row: MessageRow): MessageView {
  return {
    id: row.id,
    appId: row.client_app_id,
    door: row.door,
    kind: row.kind,
    priority: PRIORITY_NAMES.find((name) => PRIORITY[name] === row.priority) ?? 'normal',
    status: row.status,
    channels: planView(row.plan),
    template: row.template_version === null ? null : { code: row.template_code, version: row.template_version },
    clientRef: row.client_ref,
    acceptedAt: row.accepted_at.toISOString(),
    sendAt: iso(row.send_at),
    expiresAt: iso(row.expires_at),
    remindEvery: row.remind_every_s,
    reminderOf: row.reminder_of,
    dispatchedAt: iso(row.dispatched_at),
    cancelRequestedAt: iso(row.cancel_requested_at),
    completedAt: iso(row.completed_at),
    counts: countsOf(row),
  };
}

/** `open`: still tried, or proof awaited. The others count deliveries by where they stand, fallback steps included. */
function countsOf(row: MessageRow): MessageView['counts'] {
  const counts = { recipients: row.recipients, open: Math.max(0, row.chains - row.ended) } as MessageView['counts'];
  for (const name of COUNTS) counts[name] = row[name];
  return counts;
}

export interface DeliveryView {
  /** User id; null for people outside the directory. */
  recipient: string | null;
  name: string | null;
  /** Absent where the address is the directory's and the reader is a client app. Of a push to a device its token. */
  address?: string;
  channel: string;
  /** Place of the recipient in the audience, and of the channel in the plan. */
  ordinal: number;
  step: number;
  status: string;
  /** Where the to-do stands; only in rows of channel `portal` of to-dos. */
  todo?: 'open' | 'done';
  provider: string | null;
  error: { code: string; text: string | null } | null;
  sentAt: string | null;
  deliveredAt: string | null;
  readAt: string | null;
  settledAt: string | null;
  /** Of what waits to be tried (a retry, an account out of quota or failing): when that is at the latest. */
  nextTryAt: string | null;
  attempts: AttemptRow[];
}

function todoOf({ inboxState }: DeliveryRow): Pick<DeliveryView, 'todo'> {
  if (inboxState === INBOX_STATE.open) return { todo: 'open' };
  return inboxState === INBOX_STATE.done ? { todo: 'done' } : {};
}

/** The app named it, or its owner by way of his devices. */
const isDevice = ({ channel, seq }: DeliveryRow): boolean => channel === 'push' && isToDevice(seq);

/** @param showsDirectory the reader may see addresses of the directory */
export function deliveryView(row: DeliveryRow, showsDirectory: boolean): DeliveryView {
  return {
    recipient: row.recipient === '' ? null : row.recipient,
    name: row.name,
    ...(showsDirectory || row.recipient === '' || isDevice(row) ? { address: row.address } : {}),
    channel: row.channel,
    ordinal: ordinalOf(row.seq),
    step: stepOf(row.seq),
    status: row.status,
    ...todoOf(row),
    provider: row.provider,
    error: row.errorCode === null ? null : { code: row.errorCode, text: row.errorText },
    sentAt: iso(row.sentAt),
    deliveredAt: iso(row.deliveredAt),
    readAt: iso(row.readAt),
    settledAt: iso(row.settledAt),
    nextTryAt: iso(row.nextTryAt),
    attempts: row.ledger.map((attempt) => ({
      ...attempt,
      startedAt: new Date(attempt.startedAt).toISOString(),
      finishedAt: new Date(attempt.finishedAt).toISOString(),
    })),
  };
}
