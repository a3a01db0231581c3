import { Catch, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/**
 * An address that no door has. The framework's own answer repeats the whole address, query and all, and what callers put
 * there by the wrong method (`appPassword`, `token`) does not belong into answers that somebody may keep.
 */
@Catch(NotFoundException)
export class UnknownPathFilter implements ExceptionFilter {
  catch(_error: NotFoundException, host: ArgumentsHost): void {
    void host.switchToHttp().getResponse<FastifyReply>().status(404).type('application/json; charset=utf-8').send({
      statusCode: 404,
      error: 'Not Found',
      message: 'No call has this method and path: see /docs. 没有此方法和路径的接口，请查阅 /docs。',
    });
  }
}
