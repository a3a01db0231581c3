import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { redactUrl, type AppLogger } from '#platform';

/** One line a request, without the values of tokens and signatures; failures of ours stand out. */
export function logRequests(app: NestFastifyApplication, logger: AppLogger): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onResponse', (request, reply, done) => {
      const isOurFault = reply.statusCode >= 500;
      if (!isOurFault && !logger.isWritten('debug')) return done();
      const fields = {
        requestId: request.id,
        method: request.method,
        url: redactUrl(request.url),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      };
      if (isOurFault) logger.warn(fields, 'request answered with an error of ours');
      else logger.debug(fields, 'request answered');
      done();
    });
}
