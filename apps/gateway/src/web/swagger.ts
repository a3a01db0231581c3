import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** `/docs` with local assets, and the document itself at `/docs-json`. */
export function setUpSwagger(app: NestFastifyApplication): void {
  const config = new DocumentBuilder().setTitle('Message Center').setVersion('1').addBearerAuth().build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, config), { jsonDocumentUrl: 'docs-json' });
}
