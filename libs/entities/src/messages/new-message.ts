import type { Audience, Channel, Door, InlineContent, MessageKind, Params, Plan } from '#contracts';

/** A checked message on its way into the database: what every door turns its call into. */
export interface NewMessage {
  /** UUIDv7 made by the intake. */
  id: string;
  clientAppId: string;
  door: Door;
  kind: MessageKind;
  /** Code of `PRIORITY`; lower goes first. */
  priority: number;
  /** Either inline content or a pinned template version. */
  content: InlineContent | null;
  templateVersionId: number | null;
  params: Params;
  audience: Audience;
  plan: Plan;
  statusCallback: string | null;
  clientRef: string | null;
  reply: boolean;
  /** ISO 8601 with offset; null = now. */
  sendAt: string | null;
  expiresAt: string | null;
  /** Same key and hash within 24 h answer the first message again; another hash is a conflict. */
  idempotency: { key: string; bodyHash: string } | null;
  /** Store it only when this user is known and, where a channel is named, has an address there; null = no such condition. */
  mustReach: { userId: string; channel: Channel | null } | null;
  /** Store it only when none of `audience.users` has opted out of the app. */
  wantsAllIn: boolean;
  /** Store it only while none of `audience.users` has a to-do of the app with the same digest (hex SHA-256) open; null = no such condition. */
  openTodo: { digest: string } | null;
  /** Seconds between reminders of a to-do; null = none. */
  remindEveryS: number | null;
}

/**
 * `isNew: false`: the same request was accepted before under `messageId`. `unreachable`: `mustReach` does not hold,
 * `opted-out`: `wantsAllIn` does not,
 * `over-sms-quota`: the app's SMS quota does not cover `plan.smsSegments`, `todo-duplicate`: these users have the same to-do
 * open; nothing is stored.
 */
export type InsertResult =
  | { kind: 'accepted'; messageId: string; isNew: boolean; isScheduled: boolean }
  | { kind: 'idempotency-conflict' }
  | { kind: 'unreachable' }
  | { kind: 'opted-out' }
  | { kind: 'over-sms-quota' }
  | { kind: 'todo-duplicate'; userIds: string[] };
