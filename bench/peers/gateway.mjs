// The gateway's own application; with COMMIT_EACH=on, its group commit is replaced by one INSERT per request.
import 'reflect-metadata';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib/project.mjs';
import { onTerm, serveQuestions } from '../lib/program.mjs';

const dist = (path) => import(join(ROOT, 'dist', path));
const { GatewayModule, createGatewayApp } = await dist('apps/gateway/src/gateway.module.js');

if (process.env.COMMIT_EACH === 'on') await replaceGroupCommit();
const app = await createGatewayApp(GatewayModule);
await app.init();
await app.listen(0, '127.0.0.1');
onTerm(() => app.close());
serveQuestions({ port: app.getHttpServer().address().port }, {});

/** The provider is swapped in the module's own list, before Nest reads it: the product needs no switch for it. */
async function replaceGroupCommit() {
  const { IntakeModule } = await dist('apps/gateway/src/intake/intake.module.js');
  const { GroupCommit } = await dist('apps/gateway/src/intake/group-commit.service.js');
  const { MessageIntakeRepository } = await dist('libs/entities/src/index.js');
  const { MessageBus } = await dist('libs/messaging/src/index.js');
  const { QUEUES } = await dist('libs/contracts/src/index.js');
  const providers = Reflect.getMetadata('providers', IntakeModule);
  const place = providers.indexOf(GroupCommit);
  if (place < 0) throw new Error('IntakeModule does not provide GroupCommit');
  providers[place] = {
    provide: GroupCommit,
    inject: [MessageIntakeRepository, MessageBus],
    useFactory: (messages, bus) => ({
      async commit(message) {
        const [result] = await messages.insert([message]);
        if (result instanceof Error) throw result;
        bus.publish(QUEUES.messageAccepted, { messageIds: [message.id] }).catch(() => undefined);
        return result;
      },
    }),
  };
}
