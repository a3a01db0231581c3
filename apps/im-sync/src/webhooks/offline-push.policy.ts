import { PRIORITY, type ImMessage } from '#contracts';
import type { ImPush, NewMessage } from '#entities';

/** In whose name the pushes stand in reports: no client app asks for them. */
export const OFFLINE_PUSH_APP = 'im';

const TITLE = '新消息';
const SOMETHING = '您收到一条新消息';
/** Payload type of a text, as the SDKs of the interface write it. */
const TEXT = 1;
/** No screen shows more, and no vendor takes much more, in characters. */
const MAX_TEXT = 200;
/** Of a longer payload (base64, in characters) it is only said that something came. */
const MAX_PAYLOAD = 16 * 1024;

/**
 * What the phone of somebody who is not connected shows of a message: its text where it has one. Null: nothing, because it is
 * not kept for him, is a command, or wants no attention.
 */
export function pushTextOf({ noPersist, syncOnce, redDot, streamSeq, payload }: ImMessage): string | null {
  if (noPersist || syncOnce || !redDot || streamSeq > 0) return null;
  return textOf(payload) || SOMETHING;
}

/** One message to the devices of many. */
export const pushMessage = (id: string, { text, uids }: ImPush): NewMessage => ({
  id,
  clientAppId: OFFLINE_PUSH_APP,
  door: 'im',
  kind: 'notice',
  priority: PRIORITY.high,
  content: { title: TITLE, text },
  templateVersionId: null,
  params: {},
  audience: { devices: { users: uids } },
  plan: { mode: 'list', steps: [] },
  statusCallback: null,
  clientRef: null,
  reply: false,
  sendAt: null,
  expiresAt: null,
  idempotency: null,
  mustReach: null,
  wantsAllIn: false,
  openTodo: null,
  remindEveryS: null,
});

function textOf(payload: string): string | null {
  if (payload.length > MAX_PAYLOAD) return null;
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(payload, 'base64').toString());
  } catch {
    return null;
  }
  if (typeof content !== 'object' || content === null) return null;
  const { type, content: text } = content as { type?: unknown; content?: unknown };
  return type === TEXT && typeof text === 'string' ? storable(text) : null;
}

/** Cut between characters; without what the database does not take. */
const storable = (text: string): string =>
  Array.from(text.replaceAll('\u0000', '').trim())
    .slice(0, MAX_TEXT)
    .join('')
    .replace(/\p{Surrogate}/gu, '\ufffd');
