// Gateway and im-sync in one process, with the in-process bus between them.
import 'reflect-metadata';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { ROOT } from '../../scripts/lib/project.mjs';
import { onTerm, serveQuestions } from '../lib/program.mjs';

const dist = (path) => import(join(ROOT, 'dist', path));
const { GatewayModule, createGatewayApp } = await dist('apps/gateway/src/gateway.module.js');
const { ImSyncModule } = await dist('apps/im-sync/src/im-sync.module.js');
const { connectConsumers } = await dist('libs/messaging/src/index.js');

class RelayCenterModule {}
Module({ imports: [GatewayModule, ImSyncModule] })(RelayCenterModule);

const app = await createGatewayApp(RelayCenterModule);
await connectConsumers(app);
await app.listen(0, '127.0.0.1');
onTerm(() => app.close());
serveQuestions({ port: app.getHttpServer().address().port }, {});
