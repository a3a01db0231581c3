import type { InlineContent } from '#contracts';
import type { AcceptMessage, CallingApp, ChannelChoice, MessageTo } from '../../../intake/accept-message.command.js';
import { invalidField } from '../http/native-errors.js';
import { toParams } from './send-checks.js';
import type { ChannelChoiceDto, SendMessageDto, SendToDto } from './send-message.dto.js';

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
  return {
    app,
    door: 'native',
    to: toAudience(body.to),
    channels: toChannels(body.channels ?? undefined),
    kind: body.kind ?? 'notice',
    priority: body.priority ?? 'normal',
    reply: body.reply ?? false,
    ...(content ? { content: withoutNulls(content) } : {}),
    ...(template ? { template: { code: template.code }, params: toParams(template.params) ?? {} } : {}),
    ...(body.remindEvery == null ? {} : { remindEveryS: body.remindEvery }),
    ...(body.sendAt ? { sendAt: body.sendAt } : {}),
    ...(body.expiresAt ? { expiresAt: body.expiresAt } : {}),
    ...(body.statusCallback ? { statusCallback: body.statusCallback } : {}),
    ...(idempotency ? { idempotency } : {}),
  };
}

function toAudience(to: SendToDto): MessageTo {
  return {
    ...(to.users && {
      users: to.users.map((user) =>
        typeof user === 'string' ? { id: user } : withParams({ id: user.userId }, user.params),
      ),
    }),
    ...(to.tags && { tags: to.tags }),
    ...(to.orgUnits && { orgUnits: to.orgUnits }),
    ...(to.addresses && {
      addresses: to.addresses.map(({ channel, address, name, params }) =>
        withParams({ channel, address, ...(name === undefined ? {} : { name }) }, params),
      ),
    }),
    ...(to.devices?.length ? { devices: { tokens: to.devices } } : {}),
    ...(to.all ? { all: true } : {}),
  };
}

function withParams<T extends object>(
  entry: T,
  params: Record<string, unknown> | undefined,
): T & { params?: Record<string, string> } {
  const texts = toParams(params);
  return texts ? { ...entry, params: texts } : entry;
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

/** A field that is null says no more than one that is missing. */
const withoutNulls = (content: InlineContent): InlineContent =>
  Object.fromEntries(Object.entries(content).filter(([, value]) => value != null));
