import { Get, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SandboxRepository } from '#entities';
import { SandboxConfig } from '#platform';
import { SANDBOX_PAGE_CSP, sandboxPage } from '../../../web/sandbox-page.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { UnauthorizedError } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { encodeCursor } from '../http/paging.js';
import { SandboxAccess } from './sandbox-access.service.js';
import { sandboxFilter } from './sandbox.controller.js';
import { SandboxQuery } from './sandbox.dto.js';

/** The sandbox for people: what `/v1/sandbox/messages` answers, as a page. */
@NativeController({ path: 'sandbox', guard: null, security: ['admin'] })
export class SandboxPageController {
  constructor(
    private readonly access: SandboxAccess,
    private readonly sandbox: SandboxRepository,
    private readonly config: SandboxConfig,
  ) {}

  @Get()
  @NativeOperation({
    summary: 'What the sandbox provider took, as a web page',
    description:
      'Where a token is needed the browser asks for a name and a password: any name, the administrator token as the password.',
    example: '<!doctype html>…',
    produces: 'text/html',
  })
  async page(@Req() request: FastifyRequest, @Query() query: SandboxQuery, @Res() reply: FastifyReply): Promise<void> {
    try {
      await this.access.require(request);
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      await reply
        .status(401)
        .header('www-authenticate', 'Basic realm="Message Center sandbox", charset="UTF-8"')
        .type('text/plain; charset=utf-8')
        .send('Administrator token needed (any name, the token as the password). 需要管理员令牌。');
      return;
    }
    const rows = await this.sandbox.list(sandboxFilter(query), query.limit + 1);
    const messages = rows.slice(0, query.limit);
    const last = messages.at(-1);
    const html = sandboxPage({
      messages,
      channel: query.channel ?? '',
      address: query.address ?? '',
      nextCursor: rows.length > query.limit && last ? encodeCursor([last.id]) : null,
      isOn: this.config.SANDBOX,
    });
    await reply
      .header('content-security-policy', SANDBOX_PAGE_CSP)
      .header('referrer-policy', 'no-referrer')
      .type('text/html; charset=utf-8')
      .send(html);
  }
}
