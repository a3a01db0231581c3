import { Injectable } from '@nestjs/common';
import type { Audience, Channel, InlineContent, Params, Plan } from '#contracts';
import { requiredParams, type TemplateContent } from '#content';
import type { CurrentTemplate } from '#entities';
import { ChannelCatalog } from '../catalog/channel-catalog.service.js';
import { TemplateCatalog } from '../catalog/template-catalog.service.js';
import type { AcceptMessage } from './accept-message.command.js';
import { IntakeError } from './intake-error.js';
import { planSteps } from './plan-steps.policy.js';

/** What a message says and the channels it will try, fixed at acceptance. */
export interface PlannedMessage {
  plan: Plan;
  template: CurrentTemplate | null;
  content: InlineContent | null;
  /** Names that every recipient's params must fill on the plan's channels. */
  needed: ReadonlySet<string>;
}

/** A command that passed every check, ready to be committed or shown by a dry run. */
export interface CheckedMessage extends PlannedMessage {
  audience: Audience;
  params: Params;
  /** Users left out because they want nothing from the app. */
  optedOut: readonly string[];
}

/** Pins the template version and the channels of a message. */
@Injectable()
export class PlanMessageService {
  /** Placeholders per channel; a version never changes. */
  private readonly required = new WeakMap<CurrentTemplate, Map<Channel, readonly string[]>>();

  constructor(
    private readonly channels: ChannelCatalog,
    private readonly templates: TemplateCatalog,
  ) {}

  async plan(command: AcceptMessage): Promise<PlannedMessage> {
    const template = await this.templateOf(command);
    const channels = await this.channels.current();
    const content = command.content ?? null;
    const body = template ? (template.content as TemplateContent) : (content ?? {});
    const plan = planSteps(command, body, channels);
    if (command.isInPortal) plan.portalAtOnce = true;
    const publicAccount = pinnedAccount(command, template);
    if (publicAccount) plan.publicAccount = publicAccount;
    if (isTriedOnce(command)) plan.isOnce = true;
    return { plan, template, content, needed: this.neededBy(template, plan, command) };
  }

  private neededBy(template: CurrentTemplate | null, plan: Plan, { to }: AcceptMessage): ReadonlySet<string> {
    const needed = new Set<string>();
    if (!template) return needed;
    const used = new Set(plan.steps.map((step) => step.channel));
    for (const { channel } of to.addresses ?? []) used.add(channel);
    if (to.devices) used.add('push');
    if (plan.portalAtOnce) used.add('portal');
    for (const channel of used) for (const name of this.requiredBy(template, channel)) needed.add(name);
    return needed;
  }

  private requiredBy(template: CurrentTemplate, channel: Channel): readonly string[] {
    let byChannel = this.required.get(template);
    if (!byChannel) this.required.set(template, (byChannel = new Map()));
    let names = byChannel.get(channel);
    if (!names) byChannel.set(channel, (names = requiredParams(channel, template.content as TemplateContent)));
    return names;
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
}

/** A template of WeChat lives in one public account, so its content can go out through that one only. */
const pinnedAccount = ({ publicAccount }: AcceptMessage, template: CurrentTemplate | null): string | undefined =>
  publicAccount ?? template?.content['wechat']?.['publicId'];

/** A chain of channels takes longer than anybody waits for. */
function isTriedOnce({ realTime, channels }: AcceptMessage): boolean {
  if (!realTime) return false;
  if (channels.mode !== 'list')
    throw new RangeError(`a message in real time has no channels of mode "${channels.mode}"`);
  return true;
}

/** The first needed name that neither the message's nor the person's own params fill. */
export function missingParam(needed: ReadonlySet<string>, message: Params, own?: Params): string | null {
  for (const name of needed) if (!Object.hasOwn(message, name) && !(own && Object.hasOwn(own, name))) return name;
  return null;
}
