import { Delete, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { RelayIdentityRepository } from '#entities';
import { StreamedBody } from '../../../http/streamed-body.js';
import { AdminGuard } from '../auth/admin.guard.js';
import { CurrentCaller, auditBy, type Caller } from '../auth/caller.js';
import type { BodyExamples } from '../http/body-examples.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { NotFoundError } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { PageQuery, decodeCursor, pageOf, type Page } from '../http/paging.js';
import { IssueRelayIdentitiesService } from './issue-relay-identities.service.js';
import { RelayIdentityDto } from './relay-identity.dto.js';
import {
  IDENTITY_EXAMPLE,
  ISSUED_EXAMPLE,
  identityView,
  type IssuedIdentity,
  type RelayIdentityView,
} from './relay-identity.mapper.js';

/** The token is left out in the first two: another identity has it once one of them was tried. */
const ONE_EXAMPLES: BodyExamples = {
  'a user': { value: { role: 'user', name: '张三' } },
  'an admin with a mailbox of customer service': { value: { role: 'admin', name: '客服', key: 'admins' } },
  'a user whose client has a token already': { value: { role: 'user', token: 'q0aJ3sUuS1mWmH6y0m3v7w' } },
};
const LINES_EXAMPLE = '{"role":"user","name":"张三"}\n{"role":"admin","key":"admins"}\n';

@NativeController({ path: 'v1/relay/identities', guard: AdminGuard, security: ['admin'] })
export class RelayIdentitiesController {
  constructor(
    private readonly identities: RelayIdentityRepository,
    private readonly issue: IssueRelayIdentitiesService,
  ) {}

  @Post()
  @StreamedBody()
  @ApiExtraModels(RelayIdentityDto)
  @NativeOperation({
    summary: 'Let somebody take part in the relay, or many',
    description:
      'The token is shown here and never again; only its digests are stored. With `Content-Type: application/x-ndjson` any number of lines of at most 64 KiB, streamed; each is answered by a line `{line, token, md5Id}` or, where it failed, `{line, detail}`.',
    requestBody: {
      required: true,
      content: {
        'application/json': { schema: { $ref: getSchemaPath(RelayIdentityDto) }, examples: ONE_EXAMPLES },
        'application/x-ndjson': { schema: { type: 'string' }, example: LINES_EXAMPLE },
      },
    },
    status: 201,
    example: ISSUED_EXAMPLE,
    problems: ['conflict'],
  })
  async create(
    @Req() { body }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentCaller() caller: Caller,
  ): Promise<IssuedIdentity | Readable> {
    if (!(body instanceof Readable)) return this.issue.one(body, caller);
    void reply.type('application/x-ndjson; charset=utf-8');
    return Readable.from(this.issue.lines(body, caller));
  }

  @Get()
  @NativeOperation({ summary: 'Who takes part in the relay', example: { items: [IDENTITY_EXAMPLE], nextCursor: null } })
  async list(@Query() { limit, cursor }: PageQuery): Promise<Page<RelayIdentityView>> {
    const [after] = decodeCursor<[string]>(cursor, ['string']) ?? [''];
    return pageOf(await this.identities.list(after, limit + 1), limit, identityView, (identity) => [identity.md5Id]);
  }

  @Delete(':md5Id')
  @NativeOperation({
    summary: 'Shut somebody out of the relay',
    description: 'The token opens nothing from now on; mailbox and black list are removed.',
    status: 204,
    example: null,
    problems: ['not_found'],
  })
  async remove(@Param('md5Id') md5Id: string, @CurrentCaller() caller: Caller): Promise<void> {
    const entry = { ...auditBy(caller), action: 'relay-identity.delete', target: md5Id };
    if (!(await this.identities.remove(md5Id, entry))) throw new NotFoundError('relay identity');
  }
}
