import { Controller, Get, Param, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { InboxMessage } from '#entities';
import { PlatformDoorConfig } from '#platform';
import { isHttpUrl } from '#content';
import { PortalPages } from '../page/portal-pages.service.js';
import { PortalFilter } from '../page/portal.filter.js';
import { PortalLinks } from '../portal-links.service.js';
import { MessageAccess } from './message-access.service.js';
import { messagePage } from './message-page.js';
import { RepliesService } from './replies.service.js';
import { shownMessage } from './shown-message.js';

/** The page of one message. Fetching it changes nothing: what previews links is no reader. */
@ApiExcludeController()
@UseFilters(PortalFilter)
@Controller('portal/m')
export class MessagePageController {
  constructor(
    private readonly access: MessageAccess,
    private readonly links: PortalLinks,
    private readonly pages: PortalPages,
    private readonly replies: RepliesService,
    private readonly clock: PlatformDoorConfig,
  ) {}

  @Get(':ref')
  async page(
    @Param('ref') ref: string,
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.access.open(request, ref, query);
    if (!opened) {
      return this.pages.redirect(reply, `/portal/sign-in?${new URLSearchParams({ returnTo: request.url }).toString()}`);
    }
    const frame = this.pages.frame(request, reply);
    const page = messagePage(frame, {
      message: shownMessage(opened.row),
      replies: await this.replies.of(opened.row),
      isSignedIn: opened.isSignedIn,
      outcome: outcomeOf(query['did'], opened.row),
      timeZone: this.clock.TZ_PLATFORM,
      action: (action) => frame.prefix + this.links.messagePath(ref, action),
      picture: (url) => (isHttpUrl(url) ? frame.prefix + this.links.imagePath(url) : null),
    });
    return this.pages.send(reply, 200, frame, page);
  }
}

/** The address says what was done; it is believed where the message agrees. */
function outcomeOf(did: unknown, row: InboxMessage): 'replied' | 'closed' | null {
  if (did === 'reply') return row.reply ? 'replied' : null;
  return did === 'done' && row.done_at !== null ? 'closed' : null;
}
