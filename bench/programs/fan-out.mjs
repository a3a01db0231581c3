// The dispatcher's own fan-out of one message, with an eye on the heap.
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { ROOT } from '../../scripts/lib/project.mjs';
import { onTerm, serveQuestions } from '../lib/program.mjs';

const dist = (path) => import(join(ROOT, 'dist', path));
const { DispatcherModule } = await dist('apps/dispatcher/src/dispatcher.module.js');
const { FanOutService } = await dist('apps/dispatcher/src/fan-out/fan-out.service.js');
const { DatabaseClock, MessageIntakeRepository, newMessageId } = await dist('libs/entities/src/index.js');

const app = await NestFactory.createApplicationContext(DispatcherModule, { logger: false, abortOnError: false });
onTerm(() => app.close());
serveQuestions(true, { fanOut });

async function fanOut({ tagId }) {
  const id = newMessageId(app.get(DatabaseClock).nowMs());
  await app.get(MessageIntakeRepository).insert([messageTo(id, tagId)]);
  let heap = 0;
  const look = setInterval(() => (heap = Math.max(heap, process.memoryUsage().heapUsed)), 10);
  const startedAt = performance.now();
  await app.get(FanOutService).fanOut([id]);
  const ms = performance.now() - startedAt;
  clearInterval(look);
  return { messageId: id, ms, heapMiB: Math.max(heap, process.memoryUsage().heapUsed) / 2 ** 20 };
}

function messageTo(id, tagId) {
  return {
    id,
    clientAppId: 'bench',
    door: 'msg',
    kind: 'notice',
    priority: 1,
    content: { title: 'Bench', text: 'A message' },
    templateVersionId: null,
    params: {},
    audience: { tagIds: [tagId] },
    plan: { mode: 'list', steps: [{ channel: 'portal' }] },
    statusCallback: null,
    clientRef: null,
    reply: false,
    sendAt: null,
    expiresAt: null,
    idempotency: null,
    mustReach: null,
    wantsAllIn: false,
    openTodo: null,
    remindEveryS: null,
  };
}
