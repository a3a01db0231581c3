import type { InlineContent, Params } from '#contracts';
import { inlineContentFor } from '#content';
import type { AcceptMessage, CallingApp, ChannelChoice, MessageTo } from '../../../intake/accept-message.command.js';
import { invalidField } from '../http/native-errors.js';
import { toParams } from './send-checks.js';
import type { ChannelChoiceDto, SendMessageDto, SendToDto } from './send-message.dto.js';

type UserTo = NonNullable<MessageTo['users']>[number];
type AddressTo = NonNullable<MessageTo['addresses']>[number];

/** This door's words → the core command. @throws InvalidRequestError where two fields contradict each other */
export function toCommand(
  app: CallingApp,
  body: SendMessageDto,
  idempotency?: AcceptMessage['idempotency'],
): AcceptMessage {
  const { content, template } = body;
  if ((content == null) === (template == null))
    throw invalidField('content', 'exactly one of content and template is needed');
  if (body.remindEvery != null && body.kind !== 'todo')
    throw invalidField('remindEvery', 'remindEvery goes with kind "todo" only');
  const command: AcceptMessage = {
    app,
    door: 'native',
    to: toAudience(body.to),
    channels: toChannels(body.channels ?? undefined),
    kind: body.kind ?? 'notice',
    priority: body.priority ?? 'normal',
    reply: body.reply ?? false,
  };
  if (content) command.content = toContent(content);
  if (template) {
    command.template = { code: template.code };
    command.params = toParams(template.params) ?? {};
  }
  if (body.remindEvery != null) command.remindEveryS = body.remindEvery;
  if (body.sendAt) command.sendAt = body.sendAt;
  if (body.expiresAt) command.expiresAt = body.expiresAt;
  if (body.statusCallback) command.statusCallback = body.statusCallback;
  if (idempotency) command.idempotency = idempotency;
  return command;
}

function toAudience({ users, tags, orgUnits, addresses, devices, all }: SendToDto): MessageTo {
  const to: MessageTo = {};
  if (users)
    to.users = users.map((user): UserTo =>
      typeof user === 'string' ? { id: user } : withParams<UserTo>({ id: user.userId }, user.params),
    );
  if (tags) to.tags = tags;
  if (orgUnits) to.orgUnits = orgUnits;
  if (addresses)
    to.addresses = addresses.map(({ channel, address, name, params }) =>
      withParams<AddressTo>(name === undefined ? { channel, address } : { channel, address, name }, params),
    );
  if (devices?.length) to.devices = { tokens: devices };
  if (all) to.all = true;
  return to;
}

function withParams<T extends { params?: Params }>(entry: T, params: Record<string, unknown> | undefined): T {
  const texts = toParams(params);
  if (texts) entry.params = texts;
  return entry;
}

function toChannels(choice: ChannelChoiceDto | undefined): ChannelChoice {
  if (!choice) return { mode: 'any' };
  if (choice.mode !== 'list') {
    if (choice.list) throw invalidField('channels.list', 'list goes with mode "list" only');
    return { mode: choice.mode };
  }
  if (!choice.list) throw invalidField('channels.list', 'mode "list" needs a list of channels');
  return { mode: 'list', list: choice.list };
}

/** @throws InvalidRequestError where there is nothing to show: intake would look for a channel that can, and miss it */
function toContent(given: InlineContent): InlineContent {
  const content: InlineContent = Object.fromEntries(Object.entries(given).filter(([, value]) => value != null));
  const { text, title, summary } = content;
  // The portal shows whatever there is; HTML is sanitised for it, so it is asked only where nothing else is given.
  if (!text && !title && !summary && inlineContentFor('portal', content) === null)
    throw invalidField('content', 'content is empty: give a text, title, summary, or html that shows something');
  return content;
}
