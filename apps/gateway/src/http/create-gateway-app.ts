import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppLogger } from '#platform';
import { setUpSwagger } from '../web/swagger.js';
import { logRequests } from './access-log.js';
import { createFastifyAdapter } from './fastify-adapter.js';
import { UnknownPathFilter } from './unknown-path.filter.js';

/** The HTTP application around a root module that contains the gateway. Not yet initialised, not listening. */
export async function createGatewayApp(rootModule: Type): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(rootModule, createFastifyAdapter(), {
    bodyParser: false, // bodies are read raw, see RawBody
    logger: false, // until ours is there; what stops the boot is thrown and printed once
    abortOnError: false,
  });
  const logger = app.get(AppLogger);
  app.useLogger(logger);
  app.useGlobalFilters(new UnknownPathFilter());
  logRequests(app, logger);
  setUpSwagger(app);
  return app;
}
