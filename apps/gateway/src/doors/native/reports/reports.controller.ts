import { Get, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AuditRepository, SummaryRepository, type SummaryLine } from '#entities';
import { AdminOrClientAppGuard } from '../auth/admin-or-client-app.guard.js';
import { CurrentCaller, auditBy, ownerOf, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { ExportDeliveriesService } from './export-deliveries.service.js';
import { ExportQuery, SummaryQuery, rangeOf } from './reports.dto.js';

@NativeController({ path: 'v1/reports', guard: AdminOrClientAppGuard, security: ['admin', 'clientApp'] })
export class ReportsController {
  constructor(
    private readonly summaries: SummaryRepository,
    private readonly exports: ExportDeliveriesService,
    private readonly audit: AuditRepository,
  ) {}

  @Get('summary')
  @NativeOperation({
    summary: 'Deliveries by outcome over time, channel or client app',
    description:
      'Counts how many deliveries reached a status in the range; one that was sent and then delivered counts in both. Hours at most 62 days. A client app sees its own.',
    example: {
      from: '2026-03-01T00:00:00.000Z',
      to: '2026-03-02T00:00:00.000Z',
      groupBy: 'channel',
      items: [{ group: 'sms', counts: { sent: 120, delivered: 113, failed: 2 } }],
    },
  })
  async summary(
    @CurrentCaller() caller: Caller,
    @Query() query: SummaryQuery,
  ): Promise<{ from: string; to: string; groupBy: string; items: SummaryLine[] }> {
    const { from, to } = rangeOf(query, query.groupBy);
    const { groupBy, timeZone } = query;
    const items = await this.summaries.summary({ from, to, groupBy, timeZone, clientAppId: ownerOf(caller) });
    return { from: from.toISOString(), to: to.toISOString(), groupBy, items };
  }

  @Get('export')
  @NativeOperation({
    summary: 'All deliveries of a time range as CSV',
    description:
      'Streamed, one line a delivery, UTF-8 with a byte order mark. Cells that a spreadsheet would take for a formula begin with an apostrophe. Audited. A client app gets its own.',
    example:
      'message_id,seq,app,door,accepted_at,recipient,channel,address,status,provider,attempts,error_code,error_text,sent_at,delivered_at,read_at\r\n' +
      '01994b5e-7c1e-7c58-9a6e-0a9d5b2f3c11,0,shop,native,2026-03-01T00:00:00.000Z,u1,portal,u1,delivered,,0,,,,2026-03-01T00:00:00.052Z,\r\n',
    produces: 'text/csv',
  })
  async export(
    @CurrentCaller() caller: Caller,
    @Query() query: ExportQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { from, to } = rangeOf(query, null);
    await this.audit.record({
      ...auditBy(caller),
      action: 'report.export',
      details: { from: from.toISOString(), to: to.toISOString() },
    });
    const range = { fromMs: from.getTime(), toMs: to.getTime(), clientAppId: ownerOf(caller) };
    await reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', 'attachment; filename="deliveries.csv"')
      .send(this.exports.csv(range, caller.kind === 'admin'));
  }
}
