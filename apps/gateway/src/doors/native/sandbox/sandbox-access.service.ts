import { Injectable } from '@nestjs/common';
import { HttpConfig, isLoopbackHost } from '#platform';
import { ClientAppAccess, type RequestOrigin } from '../../../access/client-app-access.service.js';
import { NativeAccess } from '../auth/native-access.service.js';

/**
 * The sandbox shows addresses and texts: it needs an administrator unless only this machine can ask. The Host header is
 * looked at too, because a proxy, or a web page that rebinds its name, reaches a loopback listener from outside.
 */
@Injectable()
export class SandboxAccess {
  constructor(
    private readonly access: NativeAccess,
    private readonly apps: ClientAppAccess,
    private readonly http: HttpConfig,
  ) {}

  /** @throws UnauthorizedError, ForbiddenError, RateLimitedError */
  async require(request: RequestOrigin): Promise<void> {
    if (!this.isOpenTo(request)) await this.access.identify(withBearer(request), ['admin']);
  }

  /** The part of an audit line that the caller of an admitted request decides. */
  auditBy(request: RequestOrigin): { actor: string; ip: string } {
    return { actor: this.isOpenTo(request) ? 'anonymous' : 'admin', ip: this.apps.ipOf(request) };
  }

  private isOpenTo(request: RequestOrigin): boolean {
    return isLoopbackHost(this.http.HOST) && isLoopbackHost(hostNameOf(request));
  }
}

function hostNameOf(request: RequestOrigin): string {
  const host = request.headers['host'];
  return typeof host === 'string' ? host.replace(/:\d+$/, '') : '';
}

/** A browser can only ask for a name and a password: the password is the token, the name is anything. */
function withBearer(request: RequestOrigin): RequestOrigin {
  const header = request.headers['authorization'];
  const basic = typeof header === 'string' ? /^Basic ([a-z0-9+/=]{1,1024})$/i.exec(header)?.[1] : undefined;
  if (basic === undefined) return request;
  const password = Buffer.from(basic, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '');
  return { socket: request.socket, headers: { ...request.headers, authorization: `Bearer ${password}` } };
}
