import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#contracts';
import { AppLogger } from '#platform';
import { BodyError } from '../../http/raw-body.js';
import { JSON_TYPE, refusal } from './im.envelope.js';
import { ImAccessError, ImError, ImRateError } from './im.error.js';

/** Go's HTTP framework answers a body that it cannot decode before it knows that JSON follows. */
const DECODING_TYPE = 'text/plain; charset=utf-8';

/** Every failure of the door in the form of the published interface: `{msg, status}`. */
@Catch()
export class ImFilter implements ExceptionFilter {
  constructor(private readonly logger: AppLogger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (error instanceof ImAccessError) return void reply.status(error.status).send();
    if (error instanceof ImRateError) {
      void reply.header('retry-after', Math.ceil(error.waitMs / 1000));
      return answer(reply, 429, refusal('请求过于频繁，请稍后重试！', 429));
    }
    if (error instanceof ImError) {
      return answer(reply, 400, refusal(error.message), error.isDecoding ? DECODING_TYPE : JSON_TYPE);
    }
    if (error instanceof BodyError) return answer(reply, 413, refusal('请求体过大，最多10MiB！', 413));
    const fields = { err: error, requestId: request.id, door: 'im' };
    if (error instanceof AppError && error.kind === 'transient') {
      this.logger.warn(fields, 'request failed');
      return answer(reply, 503, failure('服务暂时不可用，请稍后重试！', 503, request.id));
    }
    this.logger.error(fields, 'request failed');
    answer(reply, 500, failure('服务端错误！', 500, request.id));
  }
}

const failure = (message: string, status: number, requestId: string): string =>
  JSON.stringify({ msg: message, status, requestId });

const answer = (reply: FastifyReply, status: number, body: string, type = JSON_TYPE): void =>
  void reply.status(status).type(type).send(body);
