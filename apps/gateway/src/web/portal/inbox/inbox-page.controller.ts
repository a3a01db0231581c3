import { Controller, Get, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasBadUnicode } from '#content';
import type { InboxState } from '#contracts';
import { InboxRepository } from '#entities';
import { PlatformDoorConfig } from '#platform';
import { shownRow } from '../message/shown-message.js';
import { PortalPages } from '../page/portal-pages.service.js';
import { PortalFilter } from '../page/portal.filter.js';
import { PortalSessions } from '../sign-in/portal-sessions.service.js';
import { MAX_SEARCH, TABS, inboxPage } from './inbox-page.js';

const PAGE_SIZE = 20;
/** Further back people search. */
const MAX_PAGE = 500;

/** The inbox of whoever is signed in. */
@ApiExcludeController()
@UseFilters(PortalFilter)
@Controller('portal')
export class InboxPageController {
  constructor(
    private readonly sessions: PortalSessions,
    private readonly inbox: InboxRepository,
    private readonly pages: PortalPages,
    private readonly clock: PlatformDoorConfig,
  ) {}

  @Get()
  async page(
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const userId = await this.sessions.userOf(request);
    if (userId === null) {
      return this.pages.redirect(reply, `/portal/sign-in?${new URLSearchParams({ returnTo: request.url }).toString()}`);
    }
    const search = searchOf(query['q']);
    const counts = await this.inbox.counts(userId);
    const asked = TABS.find((tab) => tab === query['state']) ?? null;
    // A search looks everywhere; else the first tab that asks for something.
    const state: InboxState | null = asked ?? (search ? null : counts.open > 0 ? 'open' : 'unread');
    const page = pageNumberOf(query['page']);
    const { total, rows } = await this.inbox.page(userId, {
      ...(state && { state }),
      ...(search && { search }),
      offset: (page - 1) * PAGE_SIZE,
      limit: PAGE_SIZE,
    });
    const frame = this.pages.frame(request, reply);
    const pages = Math.min(MAX_PAGE, Math.ceil(total / PAGE_SIZE));
    const view = { state, search, counts, rows: rows.map(shownRow), total, page, pages };
    return this.pages.send(reply, 200, frame, inboxPage(frame, { ...view, timeZone: this.clock.TZ_PLATFORM }));
  }
}

function searchOf(text: unknown): string {
  if (typeof text !== 'string' || hasBadUnicode(text)) return '';
  return Array.from(text.trim()).slice(0, MAX_SEARCH).join('');
}

function pageNumberOf(text: unknown): number {
  const page = typeof text === 'string' && /^\d{1,4}$/.test(text) ? Number(text) : 1;
  return Math.min(MAX_PAGE, Math.max(1, page));
}
