import { Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { InboundRequest } from '#providers';
import { ClientAppAccess } from '../../../access/client-app-access.service.js';
import { bytesOf } from '../../../http/raw-body.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { TakeNewsService } from './take-news.service.js';

/** A provider's batch of receipts, or a bounced mail. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

const DESCRIPTION =
  'Give this address to the provider. `account` is the id that the account has in `PUT /v1/channels/{channel}` (WeChat: the public account’s id). ' +
  'Each provider proves itself in its own way (a signature, a token in the query, its IP addresses: see the settings of the account); a call that does not is answered 403. ' +
  'The answer is the one that the provider expects, given once everything is stored; 503 asks it to repeat.';

/** Where providers tell what became of messages. */
@NativeController({
  path: 'v1/receipts/:channel/:account',
  guard: null,
  security: [],
  bodyBytes: MAX_BODY_BYTES,
  tag: 'receipts',
})
export class ReceiptsController {
  constructor(
    private readonly news: TakeNewsService,
    private readonly access: ClientAppAccess,
  ) {}

  @Get()
  @NativeOperation({
    summary: 'A provider checks the address',
    description: DESCRIPTION,
    example: '5919187385361783291',
    produces: 'text/plain',
    problems: ['not_found', 'forbidden'],
    isGuarded: false,
  })
  check(
    @Param('channel') channel: string,
    @Param('account') account: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.take(channel, account, request, reply);
  }

  @Post()
  @HttpCode(200)
  @ApiConsumes('application/json', 'text/xml', 'message/rfc822')
  @ApiBody({ schema: { type: 'string', example: '[{"phone_number":"13800138000","success":true,"biz_id":"9006^0"}]' } })
  @NativeOperation({
    summary: 'A provider reports receipts, answers of people, and who follows or left',
    description: DESCRIPTION,
    example: { code: 0, msg: '接收成功' },
    problems: ['not_found', 'forbidden', 'body_too_large'],
    isGuarded: false,
  })
  report(
    @Param('channel') channel: string,
    @Param('account') account: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.take(channel, account, request, reply);
  }

  private async take(channel: string, account: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { status, contentType, body } = await this.news.take(channel, account, this.inbound(request));
    await reply.status(status).type(contentType).send(body);
  }

  private inbound(request: FastifyRequest): InboundRequest {
    return {
      method: request.method === 'GET' ? 'GET' : 'POST',
      query: lastOfEach(request.query),
      headers: lastOfEach(request.headers),
      body: bytesOf(request.body),
      ip: this.access.ipOf(request),
    };
  }
}

/** Last value of each name. */
function lastOfEach(values: unknown): Record<string, string> {
  const entries = Object.entries(values as Record<string, string | string[] | undefined>);
  return Object.fromEntries(entries.map(([name, value]) => [name, [value].flat().at(-1) ?? '']));
}
