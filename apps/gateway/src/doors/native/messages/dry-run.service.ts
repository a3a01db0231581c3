import { Injectable } from '@nestjs/common';
import { AppError, type Params } from '#contracts';
import { inlineContentFor, renderContent, type ReadyContent, type TemplateContent } from '#content';
import { DryRunRepository, type DryRunRow } from '#entities';
import type { AcceptMessage } from '../../../intake/accept-message.command.js';
import { CheckMessageService } from '../../../intake/check-message.service.js';
import type { CheckedMessage } from '../../../intake/plan-message.service.js';
import { planView, type PlanView } from './message.views.js';

export interface DryRunDelivery {
  channel: string;
  /** Channels that would be tried after a failure, in order. */
  fallbacks?: string[];
  /** What the recipient would see. */
  content?: ReadyContent;
  /** Why nothing would be sent. */
  skipped?: string;
}

export interface DryRunRecipient {
  /** User id; null for people outside the directory. */
  recipient: string | null;
  name: string | null;
  /** Only for people outside the directory. */
  address?: string;
  /** Token of the device that was named. */
  device?: string;
  deliveries: DryRunDelivery[];
}

export interface DryRunAnswer {
  channels: PlanView;
  items: DryRunRecipient[];
  /** The message has more recipients than are shown. */
  hasMore: boolean;
}

/** Rendered characters of one answer: what a thousand recipients of a large page may cost. */
const MAX_CHARACTERS = 8_000_000;

/** What a message would do, without doing it: the checks of acceptance, the SQL of the fan-out, the workers' rendering. */
@Injectable()
export class DryRunService {
  constructor(
    private readonly checks: CheckMessageService,
    private readonly preview: DryRunRepository,
  ) {}

  /** @throws IntakeError where the message itself would be refused */
  async run(command: AcceptMessage, limit: number): Promise<DryRunAnswer> {
    const checked = await this.checks.check(command);
    const { audience, plan } = checked;
    const rows = await this.preview.preview({ clientAppId: command.app.appId, audience, plan }, limit + 1);
    const items: DryRunRecipient[] = [];
    let characters = 0;
    for (const ofOne of byRecipient(rows)) {
      if (items.length === limit || characters > MAX_CHARACTERS)
        return { channels: planView(plan), items, hasMore: true };
      const item = recipientOf(ofOne, checked);
      characters += item.deliveries.reduce((sum, { content }) => sum + sizeOf(content), 0);
      items.push(item);
    }
    return { channels: planView(plan), items, hasMore: false };
  }
}

const sizeOf = (content: ReadyContent | undefined): number =>
  (content?.text?.length ?? 0) + (content?.html?.length ?? 0);

function byRecipient(rows: readonly DryRunRow[]): DryRunRow[][] {
  const groups = new Map<number, DryRunRow[]>();
  for (const row of rows) {
    const group = groups.get(row.ordinal);
    if (group) group.push(row);
    else groups.set(row.ordinal, [row]);
  }
  return [...groups.values()];
}

function recipientOf(rows: readonly DryRunRow[], checked: CheckedMessage): DryRunRecipient {
  const [first] = rows;
  const isNobody = first?.user_id === '';
  const isOutside = isNobody && !first.is_device;
  return {
    recipient: isNobody ? null : (first?.user_id ?? null),
    name: first?.name ?? null,
    ...(first?.is_device && first.address !== null ? { device: first.address } : {}),
    ...(isOutside && first.address !== null ? { address: first.address } : {}),
    deliveries: rows.map((row) => deliveryOf(row, checked)),
  };
}

function deliveryOf(row: DryRunRow, checked: CheckedMessage): DryRunDelivery {
  const { channel } = row;
  const reason = skipReason(row);
  if (reason !== null) return { channel, skipped: reason };
  const rendered = rendering(row, checked);
  if (typeof rendered === 'string') return { channel, skipped: rendered };
  return { channel, ...(row.fallbacks ? { fallbacks: row.fallbacks } : {}), content: rendered };
}

/** The codes of the fan-out, in its order. */
function skipReason(row: DryRunRow): string | null {
  if (!row.is_known) return 'unknown_recipient';
  if (row.left_app) return 'opted_out_of_app';
  if (row.left_channel) return 'opted_out_of_channel';
  if (row.refusal !== null) return row.refusal;
  return row.address === null ? 'no_address' : null;
}

/** The content, or the code of what stands in its way for this person. */
function rendering(
  { channel, params }: DryRunRow,
  { template, content, params: shared }: CheckedMessage,
): ReadyContent | string {
  const own: Params = { ...shared, ...params };
  try {
    const ready = template
      ? renderContent(channel, template.content as TemplateContent, own)
      : inlineContentFor(channel, content ?? {});
    return ready ?? 'content_missing';
  } catch (error) {
    if (error instanceof AppError && error.kind === 'invalid') return error.code.toLowerCase();
    throw error;
  }
}
