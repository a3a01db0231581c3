import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

/** The OpenAPI document of everything the gateway serves, grouped by door. Call it after `app.init()`. */
export function createDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Message Center')
    .setDescription(
      'One place through which other systems reach people. Start with `POST /v1/client-apps` as the administrator, then `POST /v1/token` as the client app, then `POST /v1/messages` or any of the other doors.',
    )
    .setVersion('1')
    .addTag('native', 'The administrator’s and the integrator’s own API. Errors are problem details (RFC 9457).')
    .addTag(
      'receipts',
      'Where providers tell what became of messages, and what people answered. Checked by each provider’s own rules.',
    )
    .addTag('msg', 'Door `msg`: HTTP 200 with `{code, message, data?}`.')
    .addTag(
      'platform',
      'Door `platform`: HTTP 200 with `{rspCode, rspMsg, resultData}`. Parameters travel in the query, as a form or as JSON.',
    )
    .addTag('relay', 'Door `relay`: HTTP 200 with `{success: 1, data?}` or `{success: 0, code, error}`.')
    .addTag(
      'im',
      'Door `im`: the message API of an IM server. A refusal is HTTP 400 with `{msg, status}`; message ids are raw 64-bit integers.',
    )
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'ADMIN_TOKEN.' }, 'admin')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'token', description: 'IM_MANAGER_TOKEN.' }, 'im-token')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'Token of `POST /v1/token`, valid 7200 s.' },
      'client-app',
    )
    .addApiKey(
      { type: 'apiKey', in: 'query', name: 'access_token', description: 'The same token, for door `msg`.' },
      'access_token',
    )
    .build();
  return SwaggerModule.createDocument(app, config, { autoTagControllers: false });
}
