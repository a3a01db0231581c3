import { randomBytes } from 'node:crypto';
import { Body, Post } from '@nestjs/common';
import { PortalEntryRepository } from '#entities';
import { sha256 } from '#platform';
import { portalPath } from '../../../web/portal/sign-in/portal-path.js';
import { PublicAddress } from '../../../web/public-address.service.js';
import { ClientAppGuard } from '../auth/client-app.guard.js';
import { CurrentCaller, auditBy, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { NotFoundError, invalidField } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { mayUse } from '../inbox/inbox-access.policy.js';
import { PortalSessionDto, type PortalSessionView } from './portal-session.dto.js';

/** Token exchange: a system in which somebody is signed in opens the portal for them. */
@NativeController({ path: 'v1/portal-sessions', guard: ClientAppGuard, security: ['clientApp'] })
export class PortalSessionsController {
  constructor(
    private readonly entries: PortalEntryRepository,
    private readonly address: PublicAddress,
  ) {}

  @Post()
  @NativeOperation({
    summary: 'A one-time link that opens the portal for a person',
    description:
      'For systems that embed the inbox: send the browser of the person there within 60 seconds. For client apps with the feature `user-list`; every call is audited.',
    status: 201,
    example: {
      url: 'https://message.example.com/portal/enter?code=v1x2hWv2n0iHsO0o1Jc2o6bUo2bC7r1vY3dKq8fZ0aE',
      expiresAt: '2026-01-05T08:01:00.000Z',
    },
    problems: ['not_found'],
  })
  async create(@Body() body: PortalSessionDto, @CurrentCaller() caller: Caller): Promise<PortalSessionView> {
    mayUse('user-list', caller);
    const returnTo = portalPath(body.returnTo ?? '/portal');
    if (returnTo === null) throw invalidField('returnTo', 'returnTo must be a path that begins with /portal');
    const code = randomBytes(32).toString('base64url');
    const audit = { ...auditBy(caller), action: 'portal-session.create', target: body.userId };
    const expiresAt = await this.entries.create(sha256(code), { userId: body.userId, returnTo }, audit);
    if (!expiresAt) throw new NotFoundError('user');
    return { url: this.address.url(`/portal/enter?code=${code}`), expiresAt: expiresAt.toISOString() };
  }
}
