import { Body, Delete, Get, Param, Put, Query } from '@nestjs/common';
import { TemplateAdminRepository, type TemplateRow } from '#entities';
import { AdminOrClientAppGuard } from '../auth/admin-or-client-app.guard.js';
import { CurrentCaller, auditBy, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { InvalidRequestError, NotFoundError, invalidField } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { PageQuery, decodeCursor, pageOf, type Page } from '../http/paging.js';
import { templateProblems } from './template-content.policy.js';
import { PutTemplateDto } from './template.dto.js';

/** The administrator's templates serve every app; an app's own of the same code wins for that app. */
const SHARED = '';
const ownerOf = (caller: Caller): string => (caller.kind === 'app' ? caller.app.appId : SHARED);
const MAX_CODE_LENGTH = 128;

interface TemplateView {
  code: string;
  version: number;
  isShared: boolean;
  name: string;
  params: string[];
  content: Record<string, object>;
  createdAt: string;
}

const view = ({ code, version, appId, name, params, content, createdAt }: TemplateRow): TemplateView => ({
  code,
  version,
  isShared: appId === SHARED,
  name,
  params,
  content,
  createdAt: createdAt.toISOString(),
});

const EXAMPLE: TemplateView = {
  code: 'invoice-due',
  version: 2,
  isShared: true,
  name: 'Invoice is due',
  params: ['name', 'amount'],
  content: {
    portal: { title: 'Invoice', text: 'Dear {{name}}, {{amount}} is due.' },
    sms: { text: '{{name}}: {{amount}} is due.' },
  },
  createdAt: '2026-01-05T08:00:00.000Z',
};

@NativeController({ path: 'v1/templates', guard: AdminOrClientAppGuard, security: ['admin', 'clientApp'] })
export class TemplatesController {
  constructor(private readonly templates: TemplateAdminRepository) {}

  @Get()
  @NativeOperation({
    summary: 'List templates',
    description: 'The administrator sees the shared ones, a client app its own.',
    example: { items: [EXAMPLE], nextCursor: null },
  })
  async list(@Query() { limit, cursor }: PageQuery, @CurrentCaller() caller: Caller): Promise<Page<TemplateView>> {
    const [after] = decodeCursor<[string]>(cursor, ['string']) ?? [''];
    return pageOf(await this.templates.list(ownerOf(caller), after, limit + 1), limit, view, (row) => [row.code]);
  }

  @Put(':code')
  @NativeOperation({
    summary: 'Create a template or its next version',
    description:
      'A message keeps the version it was accepted with. The administrator’s templates are shared by all apps.',
    example: EXAMPLE,
  })
  async put(
    @Param('code') code: string,
    @Body() body: PutTemplateDto,
    @CurrentCaller() caller: Caller,
  ): Promise<TemplateView> {
    if (code.length > MAX_CODE_LENGTH) throw invalidField('code', `code is longer than ${MAX_CODE_LENGTH} characters`);
    const problems = templateProblems(body.content, body.params);
    if (problems.length > 0) throw new InvalidRequestError(problems);
    // The policy has judged every channel to be an object.
    const fields = { name: body.name, params: body.params, content: body.content as Record<string, object> };
    const entry = { ...auditBy(caller), action: 'template.put', target: code };
    await this.templates.put(ownerOf(caller), code, fields, entry);
    return this.get(code, caller);
  }

  @Get(':code')
  @NativeOperation({
    summary: 'One template, its current version',
    description: 'A client app sees its own, else the shared one.',
    example: EXAMPLE,
    problems: ['not_found'],
  })
  async get(@Param('code') code: string, @CurrentCaller() caller: Caller): Promise<TemplateView> {
    const own = await this.templates.find(ownerOf(caller), code);
    const found = own ?? (await this.templates.find(SHARED, code));
    if (!found) throw new NotFoundError('template');
    return view(found);
  }

  @Delete(':code')
  @NativeOperation({
    summary: 'Remove a template',
    description: 'Messages that were accepted with it go out all the same.',
    status: 204,
    example: null,
    problems: ['not_found'],
  })
  async remove(@Param('code') code: string, @CurrentCaller() caller: Caller): Promise<void> {
    const entry = { ...auditBy(caller), action: 'template.delete', target: code };
    if (!(await this.templates.remove(ownerOf(caller), code, entry))) throw new NotFoundError('template');
  }
}
