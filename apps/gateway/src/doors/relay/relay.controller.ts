import { Controller, Get, HttpCode, Post, Req, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { RelayBlackListRepository, RelayMailboxRepository } from '#entities';
import { RelayConfig } from '#platform';
import { ClientAppAccess } from '../../access/client-app-access.service.js';
import { AskRelayService } from './ask-relay.service.js';
import { AuditRelayRefusals } from './audit-relay-refusals.service.js';
import { readMessage, readPerson } from './relay.body.js';
import { peerOf, readCall, type RelayCall } from './relay.call.js';
import { REFUSALS, RelayError, RelayNotAllowedError } from './relay.codes.js';
import { ApiRelayRead, ApiRelayWrite } from './relay.docs.js';
import { done, shownEntry, type RelayAnswer } from './relay.envelope.js';
import { RelayFilter } from './relay.filter.js';

/** The whole door is one path; what is meant stands in `type` and `do`. */
@Controller('app/message')
@ApiTags('relay')
@UseFilters(RelayFilter)
export class RelayController {
  constructor(
    private readonly relay: AskRelayService,
    private readonly mailboxes: RelayMailboxRepository,
    private readonly blackLists: RelayBlackListRepository,
    private readonly config: RelayConfig,
    private readonly access: ClientAppAccess,
    private readonly refusals: AuditRelayRefusals,
  ) {}

  @Get()
  @ApiRelayRead()
  get(@Req() request: FastifyRequest): Promise<RelayAnswer> {
    return this.answer(request);
  }

  @Post()
  @HttpCode(200)
  @ApiRelayWrite()
  post(@Req() request: FastifyRequest): Promise<RelayAnswer> {
    return this.answer(request);
  }

  private async answer(request: FastifyRequest): Promise<RelayAnswer> {
    try {
      return await this.carryOut(readCall(request, this.config.RELAY_IDENTITIES === 'open'), request.body);
    } catch (error) {
      await this.refusals.record(error, this.access.ipOf(request));
      throw error;
    }
  }

  private carryOut(call: RelayCall, body: unknown): Promise<RelayAnswer> {
    switch (`${call.type} ${call.action}` as const) {
      case 'message set':
        return this.send(call, body);
      case 'message get':
        return call.isAgain ? this.pullAgain(call) : this.pull(call);
      case 'message del':
        return this.change(call, { what: 'empty' });
      case 'blacklist set':
        return this.change(call, { what: 'block', md5Id: peerOf(call), ...readPerson(body) });
      case 'blacklist get':
        return this.blackList(call);
      case 'blacklist del':
        return this.change(
          call,
          call.md5Id === null ? { what: 'unblock_all' } : { what: 'unblock', md5Id: call.md5Id },
        );
    }
  }

  private async send(call: RelayCall, raw: unknown): Promise<RelayAnswer> {
    const { caller, tokenHash, isStranger } = call;
    const receiver = peerOf(call);
    const { body, redirect } = readMessage(raw);
    const message = { caller, tokenHash, isStranger, receiver, redirect, body: JSON.stringify(body) };
    const verdict = await this.relay.send(message);
    if (verdict === 'refused') throw new RelayNotAllowedError(call);
    if (verdict !== 'accepted') throw new RelayError(REFUSALS[verdict]);
    return done();
  }

  private async pull(call: RelayCall): Promise<RelayAnswer> {
    const { caller, tokenHash, isStranger, key } = call;
    const entries = await this.relay.pull({ caller, tokenHash, isStranger }, key);
    if (!entries) throw new RelayNotAllowedError(call);
    return done(entries.map((entry) => shownEntry(entry, key !== null)));
  }

  private async pullAgain(call: RelayCall): Promise<RelayAnswer> {
    const { isEntitled, entries } = await this.mailboxes.again(call, call.key ?? '');
    if (!isEntitled) throw new RelayNotAllowedError(call);
    return done((entries ?? []).map((entry) => shownEntry(entry, call.key !== null)));
  }

  private async blackList(call: RelayCall): Promise<RelayAnswer> {
    const blocked = await this.blackLists.list(call);
    if (!blocked) throw new RelayNotAllowedError(call);
    return done(
      blocked.map(({ md5Id, nickname, icon }) => ({
        md5_id: md5Id,
        ...(nickname === null ? {} : { nickname }),
        ...(icon === null ? {} : { icon }),
      })),
    );
  }

  private async change(
    { caller, tokenHash, isStranger }: RelayCall,
    change: Omit<Parameters<AskRelayService['change']>[0], 'caller' | 'tokenHash' | 'isStranger'>,
  ): Promise<RelayAnswer> {
    const who = { caller, tokenHash, isStranger };
    if (!(await this.relay.change({ ...change, ...who }))) throw new RelayNotAllowedError(who);
    return done();
  }
}
