import { Controller, Get, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { InboxRepository } from '#entities';
import { shownRow } from '../message/shown-message.js';
import { PortalFilter } from '../page/portal.filter.js';
import { PublicAddress } from '../../public-address.service.js';
import { PortalSessions } from '../sign-in/portal-sessions.service.js';
import { BadgeHub } from './badge-hub.service.js';
import { EventStream } from './event-stream.js';

/** Messages told one by one to whoever comes back; the counts say the rest. */
const CATCH_UP = 50;
const RETRY_AFTER_S = '60';

/** Live counts of whoever is signed in, for as long as he is. */
@ApiExcludeController()
@UseFilters(PortalFilter)
@Controller('portal/events')
export class EventsController {
  constructor(
    private readonly sessions: PortalSessions,
    private readonly inbox: InboxRepository,
    private readonly hub: BadgeHub,
    private readonly address: PublicAddress,
  ) {}

  @Get()
  async events(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const userId = await this.sessions.userOf(request);
    if (userId === null) return void (await reply.status(401).send());
    if (!this.hub.hasRoomFor(userId)) {
      return void (await reply.status(429).header('retry-after', RETRY_AFTER_S).send());
    }
    const lastId = request.headers['last-event-id'];
    const missed = typeof lastId === 'string' ? await this.inbox.newer(userId, lastId, CATCH_UP) : [];
    reply.hijack();
    const stream = new EventStream(reply.raw);
    stream.open({ 'x-request-id': request.id });
    stream.onClose(this.sessions.watch(request, () => stream.end()));
    for (const { ref, title, source, state } of missed.map(shownRow)) {
      const url = `${this.address.pathPrefix}/portal/m/${ref}`;
      stream.send('message', { id: ref, title, source, state, url }, ref);
    }
    this.hub.join(userId, stream);
  }
}
