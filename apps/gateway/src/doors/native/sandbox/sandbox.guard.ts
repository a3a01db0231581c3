import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SandboxAccess } from './sandbox-access.service.js';

@Injectable()
export class SandboxGuard implements CanActivate {
  constructor(private readonly access: SandboxAccess) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    await this.access.require(context.switchToHttp().getRequest<FastifyRequest>());
    return true;
  }
}
