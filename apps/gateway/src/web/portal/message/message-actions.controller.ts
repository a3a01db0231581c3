import { Controller, Param, Post, Query, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TodoRepository, type InboxMessage } from '#entities';
import { AcknowledgeService } from '../../../acknowledge/acknowledge.service.js';
import { BodyLimit } from '../../../http/body-limit.decorator.js';
import { decodeText } from '../../../http/raw-body.js';
import { BadgeHub } from '../events/badge-hub.service.js';
import { PortalPages } from '../page/portal-pages.service.js';
import { PortalFilter } from '../page/portal.filter.js';
import { PortalLinks } from '../portal-links.service.js';
import { SameOriginGuard } from '../same-origin.guard.js';
import { PortalSessions } from '../sign-in/portal-sessions.service.js';
import { MessageAccess } from './message-access.service.js';
import { RepliesService } from './replies.service.js';

/** A reply as a form carries it: each character may take twelve bytes. */
const MAX_FORM_BYTES = 64 * 1024;

type Query = Record<string, unknown>;

/** What a person does with a message. The form's address carries the proof of its link; no cookie decides. */
@ApiExcludeController()
@UseFilters(PortalFilter)
@UseGuards(SameOriginGuard)
@Controller('portal/m/:ref')
export class MessageActionsController {
  constructor(
    private readonly access: MessageAccess,
    private readonly acknowledge: AcknowledgeService,
    private readonly todos: TodoRepository,
    private readonly replies: RepliesService,
    private readonly sessions: PortalSessions,
    private readonly links: PortalLinks,
    private readonly pages: PortalPages,
    private readonly hub: BadgeHub,
  ) {}

  @Post('read')
  async read(
    @Param('ref') ref: string,
    @Query() query: Query,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const row = await this.access.change(ref, query);
    await this.acknowledge.acknowledge(ref);
    this.hub.look(row.recipient);
    if (request.headers.accept === 'application/json') await reply.status(204).send();
    else await this.back(request, reply, ref, row);
  }

  @Post('done')
  async done(
    @Param('ref') ref: string,
    @Query() query: Query,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const row = await this.access.change(ref, query);
    await this.todos.setOne({ messageId: row.message_id, seq: row.seq }, 'done');
    this.hub.look(row.recipient);
    await this.back(request, reply, ref, row, 'done');
  }

  @Post('reply')
  @BodyLimit(MAX_FORM_BYTES)
  async reply(
    @Param('ref') ref: string,
    @Query() query: Query,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const row = await this.access.change(ref, query);
    const form = new URLSearchParams(decodeText(request.body));
    await this.replies.take(row, form.get('text') ?? '');
    await this.back(request, reply, ref, row, 'reply');
  }

  /** To the page of the message; who is signed in needs no proof in the address. */
  private async back(
    request: FastifyRequest,
    reply: FastifyReply,
    ref: string,
    row: InboxMessage,
    did?: 'done' | 'reply',
  ): Promise<void> {
    const isSignedIn = (await this.sessions.userOf(request)) === row.recipient;
    const page = new URL(isSignedIn ? `/portal/m/${ref}` : this.links.messagePath(ref), 'http://portal');
    if (did) page.searchParams.set('did', did);
    await this.pages.redirect(reply, page.pathname + page.search);
  }
}
