import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#contracts';
import { AppLogger } from '#platform';
import { BodyError } from '../../http/raw-body.js';
import { RelayError } from './relay.codes.js';
import { refusal, type RelayRefusal } from './relay.envelope.js';

/** Every failure of the door leaves in its envelope, with HTTP 200. */
@Catch()
export class RelayFilter implements ExceptionFilter {
  constructor(private readonly logger: AppLogger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    void reply.status(200).type('application/json; charset=utf-8').send(this.refusalOf(error, request.id));
  }

  private refusalOf(error: unknown, requestId: string): RelayRefusal {
    if (error instanceof RelayError) return refusal(error.code);
    if (error instanceof BodyError) return refusal('parameter');
    const fields = { err: error, requestId, door: 'relay' };
    if (error instanceof AppError && error.kind === 'transient') this.logger.warn(fields, 'request failed');
    else this.logger.error(fields, 'request failed');
    return { ...refusal('internal'), requestId };
  }
}
