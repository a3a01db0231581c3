import { newMessageId, type NewMessage } from '#entities';

/** A message as the intake hands it to the database: a notice of app `app` to `u1` by SMS, but for what is given. */
export const newMessage = (over: Partial<NewMessage> = {}): NewMessage => ({
  id: newMessageId(Date.now()),
  clientAppId: 'app',
  door: 'native',
  kind: 'notice',
  priority: 1,
  content: { text: 'x' },
  templateVersionId: null,
  params: {},
  audience: { users: [{ id: 'u1' }] },
  plan: { mode: 'list', steps: [{ channel: 'sms' }] },
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
  ...over,
});
