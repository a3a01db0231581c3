import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { rememberCaller } from './caller.js';
import { NativeAccess } from './native-access.service.js';

@Injectable()
export class ClientAppGuard implements CanActivate {
  constructor(private readonly access: NativeAccess) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    rememberCaller(request, await this.access.identify(request, ['app']));
    return true;
  }
}
