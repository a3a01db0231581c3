import { Controller, Get, Query, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { PortalEntryRepository } from '#entities';
import { sha256 } from '#platform';
import { PortalPages } from '../page/portal-pages.service.js';
import { PortalFilter } from '../page/portal.filter.js';
import { PortalSessions } from './portal-sessions.service.js';

/** The one-time links of `POST /v1/portal-sessions`. */
@ApiExcludeController()
@UseFilters(PortalFilter)
@Controller('portal/enter')
export class EnterController {
  constructor(
    private readonly entries: PortalEntryRepository,
    private readonly sessions: PortalSessions,
    private readonly pages: PortalPages,
  ) {}

  @Get()
  async enter(@Query() { code }: Record<string, unknown>, @Res() reply: FastifyReply): Promise<void> {
    const entry = typeof code === 'string' ? await this.entries.take(sha256(code)) : null;
    if (!entry) return this.pages.redirect(reply, '/portal/sign-in?problem=spent');
    await this.sessions.start(reply, entry.userId);
    return this.pages.redirect(reply, entry.returnTo);
  }
}
