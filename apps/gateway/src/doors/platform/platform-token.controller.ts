import { Req } from '@nestjs/common';
import { ClientAppAccess } from '../../access/client-app-access.service.js';
import { IssueTokenService } from '../../access/issue-token.service.js';
import { PlatformCall, PlatformController } from './platform-call.decorator.js';
import { answer, type PlatformAnswer } from './platform.envelope.js';
import type { PlatformRequest } from './platform.guard.js';
import { readParameters, text } from './platform.parameters.js';

const CREDENTIALS = {
  appId: text({ about: '应用ID', example: 'MSG123456' }),
  appPassword: text({ about: '应用秘钥', example: '9f86d081884c7d659a2feaa0c55ad015' }),
};

interface Token {
  token: string;
}

@PlatformController()
export class PlatformTokenController {
  constructor(
    private readonly tokens: IssueTokenService,
    private readonly access: ClientAppAccess,
  ) {}

  @PlatformCall({
    path: 'msg/getThirdAPIToken',
    summary: '获取凭证',
    description:
      'Every call makes a token of its own, valid 7200 s. Unknown appId, wrong secret, disabled app and a foreign address are answered alike.',
    parameters: CREDENTIALS,
    carries: 'query',
    example: answer({ token: '86988ae9-077c-4a3f-807d-39840403efc3' }),
    codes: ['credentials'],
    isOpen: true,
  })
  async issue(@Req() request: PlatformRequest): Promise<PlatformAnswer<Token>> {
    const { appId, appPassword } = readParameters(CREDENTIALS, request.given);
    const ip = this.access.ipOf(request);
    const { token } = await this.tokens.issue({ appId, appSecret: appPassword, ip, door: 'platform' });
    return answer({ token });
  }
}
