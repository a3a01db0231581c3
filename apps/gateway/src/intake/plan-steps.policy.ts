import { DEFAULT_CHANNEL_ORDER, type Channel, type InlineContent, type Plan } from '#contracts';
import { contentFor, type TemplateContent } from '#content';
import type { ChannelsNow } from '../catalog/channels-now.js';
import type { AcceptMessage } from './accept-message.command.js';
import { IntakeError } from './intake-error.js';

type Body = TemplateContent | InlineContent;

/** The channels of a message: open to the app, switched on, and with something to say. @throws IntakeError */
export function planSteps(command: AcceptMessage, body: Body, channels: ChannelsNow): Plan {
  if (command.kind !== 'todo') return stepsOf(command, body, channels);
  const plan = withTodo(stepsOf(command, body, channels), body);
  if (command.remindEveryS !== undefined && !plan.portalAtOnce) {
    throw new IntakeError(
      'reminder_refused',
      'Reminders need a channel beside the portal to go out on.',
      'remindEvery',
    );
  }
  return plan;
}

/**
 * The portal row of a receiver is the to-do itself: it is there whatever the channels are, and whether or not the app may use the
 * portal. Beside them, because it must not wait for their failure.
 */
function withTodo(plan: Plan, body: Body): Plan {
  if (contentFor('portal', body) === null) {
    throw new IntakeError(
      'content_missing',
      'There is no content for channel "portal", where a to-do stands.',
      'template',
      {
        channel: 'portal',
      },
    );
  }
  const beside = plan.steps.filter(({ channel }) => channel !== 'portal');
  if (beside.length === 0) return { mode: 'list', steps: [{ channel: 'portal' }] };
  return { ...plan, steps: beside, portalAtOnce: true };
}

function stepsOf(command: AcceptMessage, body: Body, channels: ChannelsNow): Plan {
  for (const { channel } of command.to.addresses ?? []) requireChannel(command, channel, body, channels);
  if (command.to.devices) requireChannel(command, 'push', body, channels);
  switch (command.channels.mode) {
    case 'list':
      for (const channel of command.channels.list) requireChannel(command, channel, body, channels);
      return { mode: 'list', steps: [...new Set(command.channels.list)].map((channel) => ({ channel })) };
    case 'smart':
      return smartPlan(command, body, channels);
    case 'any':
    case 'all': {
      const usable = usableOf(command, channels.order, body, channels);
      if (usable.length > 0) return { mode: command.channels.mode, steps: usable.map((channel) => ({ channel })) };
      if (isAddressedOnly(command) || command.kind === 'todo') return { mode: 'list', steps: [] };
      throw nothingUsable(command);
    }
  }
}

function smartPlan(command: AcceptMessage, body: Body, channels: ChannelsNow): Plan {
  if (!command.app.channels.has('smart')) {
    throw new IntakeError(
      'smart_closed',
      'Mode "smart" is not open to this client app: ask the administrator to add it.',
      'channels',
    );
  }
  const { order, portalAtOnce } = channels.smart;
  const usable = usableOf(command, order, body, channels);
  const isBeside = portalAtOnce && usableOf(command, ['portal'], body, channels).length > 0;
  const chain = isBeside ? usable.filter((channel) => channel !== 'portal') : usable;
  if (chain.length === 0 && !isBeside && command.kind !== 'todo') throw nothingUsable(command);
  if (chain.length === 0) return { mode: 'list', steps: [{ channel: 'portal' }] };
  const steps = chain.map((channel) => channels.smartStep(channel));
  return { mode: 'smart', steps, ...(isBeside ? { portalAtOnce: true } : {}) };
}

const usableOf = ({ app }: AcceptMessage, order: readonly Channel[], body: Body, channels: ChannelsNow): Channel[] =>
  order.filter((channel) => app.channels.has(channel) && channels.isOn(channel) && contentFor(channel, body) !== null);

function requireChannel({ app }: AcceptMessage, channel: Channel, body: Body, channels: ChannelsNow): void {
  if (!app.channels.has(channel)) {
    throw new IntakeError('channel_closed', `Channel "${channel}" is not open to this client app.`, 'channels', {
      channel,
    });
  }
  if (!channels.isOn(channel)) {
    throw new IntakeError('channel_off', `Channel "${channel}" is switched off or not configured.`, 'channels', {
      channel,
    });
  }
  if (contentFor(channel, body) === null) {
    throw new IntakeError('content_missing', `There is no content for channel "${channel}".`, 'template', { channel });
  }
}

/** No channel is left: say the first reason that stands in the way, as a person would look for it. */
function nothingUsable({ app }: AcceptMessage): IntakeError {
  if (!DEFAULT_CHANNEL_ORDER.some((channel) => app.channels.has(channel))) {
    return new IntakeError('channel_closed', 'No channel is open to this client app.', 'channels');
  }
  return new IntakeError(
    'channel_off',
    'None of the channels open to this client app is switched on and has content.',
    'channels',
  );
}

/** Addresses and devices have a channel of their own: no step of a plan is needed. */
const isAddressedOnly = ({ to }: AcceptMessage): boolean =>
  !to.all &&
  !to.users?.length &&
  !to.tags?.length &&
  !to.orgUnits?.length &&
  (Boolean(to.addresses?.length) || to.devices !== undefined);
