import { Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuditRepository } from '#entities';
import { ClientAppAccess } from '../../../access/client-app-access.service.js';
import { PublicAddress } from '../../../web/public-address.service.js';
import { auditBy } from '../auth/caller.js';
import { NativeAccess } from '../auth/native-access.service.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { ForbiddenError } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { ACCESS_RECEIPT_EXAMPLE, accessReceipt } from './access-receipt.js';
import { AccessReceiptLinks } from './access-receipt-links.service.js';
import { ACCESS_RECEIPT_CSP, accessReceiptPage, deadLinkPage } from './access-receipt.page.js';
import { ManageClientAppService } from './manage-client-app.service.js';

export class AccessReceiptQuery {
  @ApiPropertyOptional({ enum: ['json', 'html'], description: 'Unless given, what the header Accept prefers.' })
  @IsOptional()
  @IsIn(['json', 'html'])
  format?: 'json' | 'html';

  @ApiPropertyOptional({ description: 'Of a `receiptUrl`.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  expires?: number;

  @ApiPropertyOptional({ description: 'Of a `receiptUrl`.' })
  @IsOptional()
  @IsString()
  @MaxLength(128)
  signature?: string;
}

/** 接入回执: for the administrator without the secret, for who holds a `receiptUrl` with it. */
@NativeController({ path: 'v1/client-apps/:appId/receipt', guard: null, security: ['admin'] })
export class AccessReceiptController {
  constructor(
    private readonly manage: ManageClientAppService,
    private readonly links: AccessReceiptLinks,
    private readonly access: NativeAccess,
    private readonly callers: ClientAppAccess,
    private readonly audit: AuditRepository,
    private readonly address: PublicAddress,
  ) {}

  @Get()
  @NativeOperation({
    summary: 'The receipt (接入回执) to hand to an integrator: JSON, or a page to print',
    description:
      'As a page with `format=html`, or where the header Accept asks for `text/html`. The administrator sees it without the secret. `receiptUrl` of the creation and of a rotation opens it with the secret and without a token, for 24 hours or until the next rotation. Every look at it is audited.',
    example: ACCESS_RECEIPT_EXAMPLE,
    problems: ['not_found'],
  })
  async receipt(
    @Param('appId') appId: string,
    @Query() query: AccessReceiptQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const isPage = (query.format ?? (/\btext\/html\b/.test(request.headers.accept ?? '') ? 'html' : 'json')) === 'html';
    const { actor, ip, appSecret } = await this.viewer(appId, query, request);
    if (actor === null) {
      if (!isPage) throw new ForbiddenError('This link has expired, or the secret was changed since.');
      return sendPage(reply, 403, deadLinkPage());
    }
    const receipt = accessReceipt(await this.manage.get(appId), this.address.url(''), appSecret);
    const details = { withSecret: appSecret !== null };
    await this.audit.record({ actor, ip, action: 'client-app.receipt', target: appId, details });
    return isPage ? sendPage(reply, 200, accessReceiptPage(receipt)) : void (await reply.send(receipt));
  }

  /** `actor` null: the link is no good. @throws UnauthorizedError where there is neither a link nor an administrator */
  private async viewer(
    appId: string,
    { expires, signature }: AccessReceiptQuery,
    request: FastifyRequest,
  ): Promise<{ actor: string | null; ip: string; appSecret: string | null }> {
    if (expires === undefined || signature === undefined) {
      return { ...auditBy(await this.access.identify(request, ['admin'])), appSecret: null };
    }
    const appSecret = await this.links.open(appId, expires, signature);
    return { actor: appSecret === null ? null : 'anonymous', ip: this.callers.ipOf(request), appSecret };
  }
}

async function sendPage(reply: FastifyReply, status: number, page: string): Promise<void> {
  await reply
    .status(status)
    .header('content-security-policy', ACCESS_RECEIPT_CSP)
    .header('referrer-policy', 'no-referrer')
    .type('text/html; charset=utf-8')
    .send(page);
}
