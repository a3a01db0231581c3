import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { HealthRegistry } from '#platform';

/** Probes for load balancers that see the public listener only; details stay on the health port. */
@Controller('health')
@ApiExcludeController()
export class HealthController {
  constructor(private readonly health: HealthRegistry) {}

  @Get('live')
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const { status } = await this.health.readiness();
    await reply.status(status === 'ready' ? 200 : 503).send({ status });
  }
}
