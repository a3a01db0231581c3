import { Injectable } from '@nestjs/common';
import type { DeliveryStatus } from '#contracts';
import { ReportRepository, type MessageOverview, type ReportLine } from '#entities';

/** Lines of a report for which no page is asked. */
const MAX_LINES = 100_000;
/** Lines read from the database at a time. */
const READ_SIZE = 2000;
/** Before the fan-out, where each reading finds all of them and skips those that were shown. */
const AWAITED_SIZE = 20_000;
const DEFAULT_PAGE_SIZE = 1000;

interface Line {
  uid: string;
  status: string;
  channel?: string;
  time?: string;
  error?: string;
}

/** `sending` and `retrying` are no answers for a caller: the delivery is pending. */
const SHOWN: Partial<Record<DeliveryStatus, string>> = { sending: 'pending', retrying: 'pending' };

/** The report of one message as JSON text, in pieces: a hundred thousand lines never stand in memory. */
@Injectable()
export class SendReportService {
  constructor(private readonly reports: ReportRepository) {}

  /**
   * @param owner app id that must own the message; undefined = whoever knows the id
   * @returns null when unknown (or another app's)
   */
  async open(
    messageId: string,
    owner: string | undefined,
    page?: number,
    size?: number,
  ): Promise<AsyncIterable<string> | null> {
    const message = await this.reports.overview(messageId);
    if (!message || (owner !== undefined && message.client_app_id !== owner)) return null;
    const isPaged = page !== undefined || size !== undefined;
    const limit = isPaged ? (size ?? DEFAULT_PAGE_SIZE) : MAX_LINES;
    const from = isPaged ? ((page ?? 1) - 1) * limit : 0;
    return this.write(messageId, message, from, limit);
  }

  private async *write(
    messageId: string,
    message: MessageOverview,
    from: number,
    limit: number,
  ): AsyncIterable<string> {
    yield '{"code":0,"message":"","data":{"report":[';
    let written = 0;
    for await (const lines of this.read(messageId, message, from, limit)) {
      if (lines.length === 0) continue;
      const text = lines.map((line) => JSON.stringify(line)).join(',');
      yield written === 0 ? text : `,${text}`;
      written += lines.length;
    }
    yield `],"total":${await this.totalOf(messageId, message)}}}`;
  }

  private totalOf(messageId: string, { recipients, named, has_tags }: MessageOverview): number | Promise<number> {
    if (recipients > 0) return recipients;
    return has_tags ? this.reports.awaitedTotal(messageId) : named;
  }

  private async *read(messageId: string, message: MessageOverview, from: number, limit: number): AsyncIterable<Line[]> {
    const isFannedOut = message.recipients > 0;
    const step = isFannedOut ? READ_SIZE : AWAITED_SIZE;
    // No further than there is somebody: the places of a page far beyond are larger than what the database counts in.
    const end = isFannedOut ? Math.min(from + limit, message.recipients) : from + limit;
    for (let at = from; at < end; at += step) {
      const size = Math.min(step, end - at);
      const lines = isFannedOut
        ? (await this.reports.lines(messageId, at, size)).map(toLine)
        : await this.awaited(messageId, message.status, at, size);
      yield lines;
      if (!isFannedOut && lines.length < size) return;
    }
  }

  /** Before the fan-out: everybody the message goes to waits, or will never get it. */
  private async awaited(messageId: string, status: string, from: number, size: number): Promise<Line[]> {
    const shown = status === 'cancelled' || status === 'expired' ? status : 'pending';
    return (await this.reports.awaited(messageId, from, size)).map(({ uid }) => ({ uid, status: shown }));
  }
}

function toLine(line: ReportLine): Line {
  return {
    uid: line.uid,
    status: SHOWN[line.status] ?? line.status,
    channel: line.channel,
    ...(line.at ? { time: line.at.toISOString() } : {}),
    ...(line.error ? { error: line.error } : {}),
  };
}
