import { Body, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ClientAppAccess } from '../../../access/client-app-access.service.js';
import { IssueTokenService, type IssuedToken } from '../../../access/issue-token.service.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { TokenRequestDto } from './token.dto.js';

@NativeController({ path: 'v1/token', guard: null, security: [] })
export class TokenController {
  constructor(
    private readonly tokens: IssueTokenService,
    private readonly access: ClientAppAccess,
  ) {}

  @Post()
  @NativeOperation({
    summary: 'Change the credentials of a client app into a token',
    description:
      'The token opens this API as the client app, and the doors `msg` and `platform`. Every failure is answered alike. 100 calls a second, 10 wrong secrets a minute.',
    example: { token: '2b1f2f6e-58b5-4bd4-9c36-7a4f8a0f0d0e', expiresIn: 7200 },
    problems: ['unauthorized'],
    isGuarded: false,
  })
  issue(@Body() body: TokenRequestDto, @Req() request: FastifyRequest): Promise<IssuedToken> {
    const ip = this.access.ipOf(request);
    return this.tokens.issue({ appId: body.appId, appSecret: body.appPassword, ip, door: 'native' });
  }
}
