import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { ASSET_NAMES, findAsset } from './swagger-assets.js';
import { createDocument } from './swagger-document.js';

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Message Center API</title>
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `window.ui = SwaggerUIBundle({
  url: '/docs-json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  docExpansion: 'none',
  persistAuthorization: false,
  tagsSorter: 'alpha',
});
`;

/** Everything comes from this server; Swagger UI styles its elements inline. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** `/docs` with assets of our own (no other host is asked), and the document itself at `/docs-json`. Call it before `app.init()`. */
export function setUpSwagger(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  let document: string | undefined;
  fastify.get('/docs-json', (_request, reply: FastifyReply) => {
    document ??= JSON.stringify(createDocument(app));
    return reply.type('application/json; charset=utf-8').send(document);
  });
  fastify.get('/docs', (_request, reply: FastifyReply) =>
    reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(PAGE),
  );
  fastify.get('/docs/start.js', (_request, reply: FastifyReply) =>
    reply.type('text/javascript; charset=utf-8').send(START),
  );
  for (const name of ASSET_NAMES) {
    const asset = findAsset(name);
    if (asset)
      fastify.get(`/docs/${name}`, (_request, reply: FastifyReply) => reply.type(asset.type).send(asset.open()));
  }
}
