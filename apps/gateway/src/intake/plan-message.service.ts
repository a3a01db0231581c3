import { Injectable } from '@nestjs/common';
import {
  DEFAULT_CHANNEL_ORDER,
  type Channel,
  type InlineContent,
  type Params,
  type Plan,
  type PlanStep,
} from '#contracts';
import { contentFor, requiredParams, type TemplateContent } from '#content';
import type { CurrentTemplate } from '#entities';
import { ChannelCatalog } from '../catalog/channel-catalog.service.js';
import { TemplateCatalog } from '../catalog/template-catalog.service.js';
import type { AcceptMessage } from './accept-message.command.js';
import { IntakeError } from './intake-error.js';

/** What a message says and the channels it will try, fixed at acceptance. */
export interface PlannedMessage {
  plan: Plan;
  template: CurrentTemplate | null;
  content: InlineContent | null;
  /** Names that every recipient's params must fill on the plan's channels. */
  needed: ReadonlySet<string>;
}

/** Chooses the channels of a message: open to the app, switched on, and with something to say. */
@Injectable()
export class PlanMessageService {
  constructor(
    private readonly channels: ChannelCatalog,
    private readonly templates: TemplateCatalog,
  ) {}

  async plan(command: AcceptMessage): Promise<PlannedMessage> {
    const template = await this.templateOf(command);
    const content = command.content ?? null;
    const body = template ? (template.content as TemplateContent) : (content ?? {});
    const plan = await this.steps(command, body);
    for (const { channel } of command.to.addresses ?? []) await this.requireChannel(command, channel, body);
    const used = new Set([
      ...plan.steps.map((step) => step.channel),
      ...(command.to.addresses ?? []).map((a) => a.channel),
    ]);
    if (plan.portalAtOnce) used.add('portal');
    const needed = new Set<string>();
    if (template)
      for (const channel of used) for (const name of requiredParams(channel, body as TemplateContent)) needed.add(name);
    return { plan, template, content, needed };
  }

  private async templateOf(command: AcceptMessage): Promise<CurrentTemplate | null> {
    if (!command.template) return null;
    const template = await this.templates.find(command.app.appId, command.template.code);
    if (template) return template;
    throw new IntakeError(
      'template_unknown',
      `Template "${command.template.code}" does not exist: create it with PUT /v1/templates/{code}.`,
      'template',
    );
  }

  private async steps(command: AcceptMessage, body: TemplateContent | InlineContent): Promise<Plan> {
    const { channels, app } = command;
    if (channels.mode === 'list') {
      for (const channel of channels.list) await this.requireChannel(command, channel, body);
      return { mode: 'list', steps: [...new Set(channels.list)].map((channel) => ({ channel })) };
    }
    if (channels.mode === 'smart') return this.smartPlan(command, body);
    const steps = await this.usable(app.channels, await this.channels.order(), body);
    if (steps.length > 0) return { mode: channels.mode, steps };
    if (isAddressedOnly(command)) return { mode: 'list', steps: [] };
    throw this.nothingUsable(command);
  }

  private async smartPlan(command: AcceptMessage, body: TemplateContent | InlineContent): Promise<Plan> {
    if (!command.app.channels.has('smart')) {
      throw new IntakeError(
        'smart_closed',
        'Mode "smart" is not open to this client app: ask the administrator to add it.',
        'channels',
      );
    }
    const { order, portalAtOnce } = await this.channels.smart();
    const names = await this.usable(command.app.channels, order, body);
    const besides = portalAtOnce && (await this.usable(command.app.channels, ['portal'], body)).length > 0;
    const chain = besides ? names.filter((step) => step.channel !== 'portal') : names;
    if (chain.length === 0 && !besides) throw this.nothingUsable(command);
    if (chain.length === 0) return { mode: 'list', steps: [{ channel: 'portal' }] };
    const steps = await Promise.all(chain.map((step) => this.channels.smartStep(step.channel)));
    return { mode: 'smart', steps, ...(besides ? { portalAtOnce: true } : {}) };
  }

  private async usable(
    open: ReadonlySet<string>,
    order: readonly Channel[],
    body: TemplateContent | InlineContent,
  ): Promise<PlanStep[]> {
    const steps: PlanStep[] = [];
    for (const channel of order) {
      if (!open.has(channel) || contentFor(channel, body) === null) continue;
      if ((await this.channels.channel(channel)).isOn) steps.push({ channel });
    }
    return steps;
  }

  private async requireChannel(
    command: AcceptMessage,
    channel: Channel,
    body: TemplateContent | InlineContent,
  ): Promise<void> {
    if (!command.app.channels.has(channel)) {
      throw new IntakeError('channel_closed', `Channel "${channel}" is not open to this client app.`, 'channels', {
        channel,
      });
    }
    if (!(await this.channels.channel(channel)).isOn) {
      throw new IntakeError('channel_off', `Channel "${channel}" is switched off or not configured.`, 'channels', {
        channel,
      });
    }
    if (contentFor(channel, body) === null) {
      throw new IntakeError('content_missing', `There is no content for channel "${channel}".`, 'template', {
        channel,
      });
    }
  }

  /** No channel is left: say the first reason that stands in the way, as a person would look for it. */
  private nothingUsable({ app }: AcceptMessage): IntakeError {
    if (!DEFAULT_CHANNEL_ORDER.some((channel) => app.channels.has(channel))) {
      return new IntakeError('channel_closed', 'No channel is open to this client app.', 'channels');
    }
    return new IntakeError(
      'channel_off',
      'None of the channels open to this client app is switched on and has content.',
      'channels',
    );
  }
}

const isAddressedOnly = ({ to }: AcceptMessage): boolean =>
  !to.all && !to.users?.length && !to.tags?.length && !to.orgUnits?.length && Boolean(to.addresses?.length);

/** The first needed name that neither the message's nor the person's own params fill. */
export function missingParam(needed: ReadonlySet<string>, message: Params, own?: Params): string | null {
  for (const name of needed) if (!Object.hasOwn(message, name) && !(own && Object.hasOwn(own, name))) return name;
  return null;
}
