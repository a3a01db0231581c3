import { Body, Delete, Get, Param, Post, Put, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { DirectoryUserRepository, type OptOuts } from '#entities';
import { StreamedBody } from '../../../http/streamed-body.js';
import { AdminGuard } from '../auth/admin.guard.js';
import { CurrentCaller, auditBy, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { InvalidRequestError, NotFoundError, invalidField } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { PageQuery, decodeCursor, pageOf, type Page } from '../http/paging.js';
import { ImportUsersService, type ImportResult } from './import-users.service.js';
import { OptOutsDto, PutUserDto } from './user.dto.js';
import { USER_EXAMPLE, toDirectoryUser, userView, type UserView } from './user.mapper.js';

const OPT_OUT_EXAMPLE: OptOuts = { apps: ['billing'], channels: ['sms'] };
const LINES_EXAMPLE =
  '{"userId":"u-1","name":"Li","addresses":{"mail":"li@example.com"}}\n{"userId":"u-2","name":"Wu"}\n';

@NativeController({ path: 'v1/users', guard: AdminGuard, security: ['admin'] })
export class UsersController {
  constructor(
    private readonly users: DirectoryUserRepository,
    private readonly importUsers: ImportUsersService,
  ) {}

  @Get()
  @NativeOperation({ summary: 'List users', example: { items: [USER_EXAMPLE], nextCursor: null } })
  async list(@Query() { limit, cursor }: PageQuery): Promise<Page<UserView>> {
    const [after] = decodeCursor<[string]>(cursor, ['string']) ?? [''];
    return pageOf(await this.users.list(after, limit + 1), limit, userView, (user) => [user.userId]);
  }

  @Post('import')
  @StreamedBody()
  @ApiConsumes('application/x-ndjson')
  @ApiBody({ schema: { type: 'string', example: LINES_EXAMPLE } })
  @NativeOperation({
    summary: 'Create or replace users, one JSON object a line',
    description:
      'Streamed: any number of lines of at most 64 KiB (`Content-Type: application/x-ndjson`). A line that fails is reported and the others are stored; the first 1,000 failures are listed.',
    example: {
      imported: 99999,
      failedCount: 1,
      failed: [{ line: 7, detail: 'addresses.mail: not one plain mail address of the form name@host' }],
    },
  })
  import(@Req() request: FastifyRequest, @CurrentCaller() caller: Caller): Promise<ImportResult> {
    if (!(request.body instanceof Readable)) {
      throw invalidField('', 'Send the lines with Content-Type application/x-ndjson.');
    }
    return this.importUsers.run(request.body, caller);
  }

  @Put(':userId')
  @NativeOperation({
    summary: 'Create or replace a user',
    description: 'Addresses and org units that are not named are removed.',
    example: USER_EXAMPLE,
  })
  async put(
    @Param('userId') userId: string,
    @Body() body: PutUserDto,
    @CurrentCaller() caller: Caller,
  ): Promise<UserView> {
    const user = toDirectoryUser(userId, body);
    if (Array.isArray(user)) throw new InvalidRequestError(user);
    const known = await this.users.knownUnits(user.orgUnits);
    const unknown = user.orgUnits.flatMap((code, i) =>
      known.has(code) ? [] : [{ field: `orgUnits[${i}]`, detail: `there is no org unit "${code}"` }],
    );
    if (unknown.length > 0) throw new InvalidRequestError(unknown);
    await this.users.put([user], { ...auditBy(caller), action: 'user.put', target: userId });
    return this.get(userId);
  }

  @Get(':userId')
  @NativeOperation({ summary: 'One user', example: USER_EXAMPLE, problems: ['not_found'] })
  async get(@Param('userId') userId: string): Promise<UserView> {
    const user = await this.users.find(userId);
    if (!user) throw new NotFoundError('user');
    return userView(user);
  }

  @Delete(':userId')
  @NativeOperation({ summary: 'Remove a user', status: 204, example: null, problems: ['not_found'] })
  async remove(@Param('userId') userId: string, @CurrentCaller() caller: Caller): Promise<void> {
    const isKnown = await this.users.remove(userId, { ...auditBy(caller), action: 'user.delete', target: userId });
    if (!isKnown) throw new NotFoundError('user');
  }

  @Get(':userId/opt-outs')
  @NativeOperation({ summary: 'What a user does not want', example: OPT_OUT_EXAMPLE, problems: ['not_found'] })
  async optOuts(@Param('userId') userId: string): Promise<OptOuts> {
    const optOuts = await this.users.optOuts(userId);
    if (!optOuts) throw new NotFoundError('user');
    return optOuts;
  }

  @Put(':userId/opt-outs')
  @NativeOperation({ summary: 'Replace what a user does not want', example: OPT_OUT_EXAMPLE, problems: ['not_found'] })
  async putOptOuts(
    @Param('userId') userId: string,
    @Body() body: OptOutsDto,
    @CurrentCaller() caller: Caller,
  ): Promise<OptOuts> {
    const entry = { ...auditBy(caller), action: 'user.opt-outs', target: userId };
    const isKnown = await this.users.setOptOuts(userId, { apps: body.apps, channels: body.channels }, entry);
    if (!isKnown) throw new NotFoundError('user');
    return this.optOuts(userId);
  }
}
