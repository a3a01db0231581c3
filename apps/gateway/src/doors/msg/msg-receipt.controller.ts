import { Readable } from 'node:stream';
import { Controller, HttpCode, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiBody, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasBadUnicode } from '#content';
import { isMessageId } from '#entities';
import { AcknowledgeService } from '../../acknowledge/acknowledge.service.js';
import { ClientAppAccess } from '../../access/client-app-access.service.js';
import { bodyOf } from './msg.body.js';
import { ApiMsgAnswer, REF_NO } from './msg.docs.js';
import { AckBody, ReportBody } from './msg.dto.js';
import { MSG_CODE, MsgError } from './msg.error.js';
import { MsgFilter } from './msg.filter.js';
import { MsgIpRateGuard } from './msg.guard.js';
import { SendReportService } from './send-report.service.js';

const ackBody = bodyOf(AckBody);
const reportBody = bodyOf(ReportBody);

/** The calls that need no token: who knows the reference may use it. */
@Controller('msg')
@UseGuards(MsgIpRateGuard)
@UseFilters(MsgFilter)
export class MsgReceiptController {
  constructor(
    private readonly acknowledgements: AcknowledgeService,
    private readonly reports: SendReportService,
    private readonly access: ClientAppAccess,
  ) {}

  @Post('ack')
  @HttpCode(200)
  @ApiOperation({ summary: '发送回执：用户已读', description: 'The first word wins. Needs no token.' })
  @ApiBody({ type: AckBody })
  @ApiMsgAnswer({ code: 0, message: '' }, ['parameter', 'reference', 'rate', 'internal'])
  async ack(@Req() request: FastifyRequest): Promise<{ code: 0; message: '' }> {
    const { ref_no, read_time, uid } = ackBody(request.body);
    if (uid !== undefined && hasBadUnicode(uid)) throw new MsgError(MSG_CODE.parameter, '参数 uid 含有无效字符');
    if ((await this.acknowledgements.acknowledge(ref_no, read_time, uid)) === 'unknown') throw unknownReference();
    return { code: 0, message: '' };
  }

  @Post('send_report')
  @HttpCode(200)
  @ApiOperation({
    summary: '查询发送报告',
    description: 'One line a recipient, the best outcome. Streamed. A token that is given must be the owner’s.',
  })
  @ApiBody({ type: ReportBody })
  @ApiMsgAnswer(
    {
      code: 0,
      message: '',
      data: {
        report: [
          { uid: 'f9b442e9270a44c185ad23680da98389', status: 'sent', channel: 'sms', time: '2026-01-01T08:00:00.000Z' },
        ],
        total: 1,
      },
    },
    ['parameter', 'reference', 'rate', 'internal'],
  )
  async report(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { ref_no, page, size } = reportBody(request.body);
    if (!isMessageId(ref_no)) throw unknownReference();
    const lines = await this.reports.open(ref_no, await this.ownerOf(request), page, size);
    if (!lines) throw unknownReference();
    await reply.type('application/json; charset=utf-8').send(Readable.from(lines));
  }

  /** The app of the token that was given; undefined without one. @throws MsgError when the token opens nothing */
  private async ownerOf(request: FastifyRequest): Promise<string | undefined> {
    const token = (request.query as Record<string, unknown>).access_token;
    if (token === undefined) return undefined;
    const app = await this.access.authenticate(
      typeof token === 'string' ? token : undefined,
      this.access.ipOf(request),
    );
    if (typeof app === 'string') throw unknownReference();
    return app.appId;
  }
}

/** Unknown and another app's are one answer. */
const unknownReference = (): MsgError => new MsgError(MSG_CODE.reference, `ref_no 不存在（例：${REF_NO}）`);
