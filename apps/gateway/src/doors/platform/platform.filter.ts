import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DatabaseAwayError } from '#entities';
import { AppLogger } from '#platform';
import { rspCodeOf } from './platform.codes.js';
import { refusal } from './platform.envelope.js';
import { toPlatformFailure } from './platform.error.js';
import type { PlatformRequest } from './platform.guard.js';

/** Every failure of the door leaves in its envelope, with HTTP 200 as its callers expect. */
@Catch()
export class PlatformFilter implements ExceptionFilter {
  constructor(private readonly logger: AppLogger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Partial<PlatformRequest> & { id: string }>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { code, message, retryAfterMs, isUnforeseen } = toPlatformFailure(error, request.id);
    const fields = { err: error, requestId: request.id, door: 'platform' };
    if (isUnforeseen) this.logger.error(fields, 'request failed');
    else if (error instanceof DatabaseAwayError) this.logger.warn(fields, 'request failed');
    // Half an answer is on its way already (a stream): cutting it is the only way left to say that it is not whole.
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    if (retryAfterMs > 0) reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
    void reply
      .status(200)
      .type('application/json; charset=utf-8')
      .send(refusal(rspCodeOf(code), message, request.call?.hasDebug ?? false));
  }
}
