import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#contracts';
import { AppLogger, logLevelOf } from '#platform';
import { judge, problemOf } from './problem-of.js';

/** Every error of this door as problem details; the one place that logs them. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: AppLogger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const judgement = judge(error);
    const fields = { requestId: request.id, code: judgement.code, status: judgement.status };
    const level = logLevelOf(judgement.kind);
    if (level === 'info') this.logger.debug(fields, 'request refused');
    else this.logger[level]({ ...fields, err: error }, 'request failed');
    // Half an answer is on its way already (a stream): cutting it is the only way left to say that it is not whole.
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    if (judgement.status === 401) reply.header('www-authenticate', 'Bearer');
    const waitMs = retryAfterMsOf(error);
    if (waitMs > 0) reply.header('retry-after', Math.ceil(waitMs / 1000));
    reply.status(judgement.status).type('application/problem+json');
    reply.send(JSON.stringify(problemOf(judgement, request.id)));
  }
}

const retryAfterMsOf = (error: unknown): number =>
  error instanceof AppError && typeof error.details['retryAfterMs'] === 'number' ? error.details['retryAfterMs'] : 0;
