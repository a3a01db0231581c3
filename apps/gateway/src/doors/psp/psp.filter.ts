import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DatabaseAwayError } from '#entities';
import { AppLogger } from '#platform';
import { refusal } from './psp.envelope.js';
import { toPspFailure } from './psp.error.js';

/** Every failure of the door leaves in its envelope, with the HTTP status of its code. */
@Catch()
export class PspFilter implements ExceptionFilter {
  constructor(private readonly logger: AppLogger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { code, status, message, retryAfterMs, isUnforeseen } = toPspFailure(error, request.id);
    const fields = { err: error, requestId: request.id, door: 'psp' };
    if (isUnforeseen) this.logger.error(fields, 'request failed');
    else if (error instanceof DatabaseAwayError) this.logger.warn(fields, 'request failed');
    if (retryAfterMs > 0) reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
    void reply
      .status(status)
      .type('application/json; charset=utf-8')
      .send(refusal(code, message, isUnforeseen ? request.id : undefined));
  }
}
