import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppLogger } from '#platform';
import { MSG_CODE, toMsgFailure } from './msg.error.js';

/** Every failure of the door leaves in its envelope. */
@Catch()
export class MsgFilter implements ExceptionFilter {
  constructor(private readonly logger: AppLogger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const failure = toMsgFailure(error, request.id);
    if (failure.body.code === MSG_CODE.internal) {
      this.logger.error({ err: error, requestId: request.id, door: 'msg' }, 'request failed');
    }
    if (failure.status === 503) reply.header('retry-after', '1');
    void reply.status(failure.status).type('application/json; charset=utf-8').send(failure.body);
  }
}
