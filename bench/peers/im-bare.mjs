// Peer: Nest on Fastify with the door's own reading of the body. `STORES=on`: and one statement a call; else nothing is stored or read.
import 'reflect-metadata';
import { join } from 'node:path';
import { Controller, Header, HttpCode, Module, Post, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { ROOT } from '../../scripts/lib/project.mjs';
import { APPEND, PAGE } from '../lib/im-statements.mjs';
import { onTerm, serveQuestions } from '../lib/program.mjs';

const dist = (path) => import(join(ROOT, 'dist', path));
const { createFastifyAdapter } = await dist('apps/gateway/src/http/fastify-adapter.js');
const { readMessage } = await dist('apps/gateway/src/doors/im/send-message.body.js');
const { readFields } = await dist('apps/gateway/src/doors/im/im.body.js');
const { messagesJson } = await dist('apps/gateway/src/doors/im/im.envelope.js');

const JSON_TYPE = 'application/json; charset=utf-8';
const PAGE_OF = 20;
const pool =
  process.env.STORES === 'on'
    ? new pg.Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.DATABASE_POOL_SIZE) })
    : null;

class BareController {
  async send({ body }) {
    const message = readMessage(body);
    let seq = 1;
    if (pool)
      seq = (await pool.query({ ...APPEND, values: [message.channelId, message.fromUid, message.payload] })).rows[0]
        .seq;
    return `{"data":{"client_msg_no":${JSON.stringify(message.clientMsgNo)},"message_id":2127118756168597504,"message_seq":${seq}},"status":200}`;
  }

  async sync({ body }) {
    const fields = readFields(body, 'own');
    fields.id('login_uid');
    const channelId = fields.id('channel_id');
    fields.uint8('channel_type');
    const start = fields.uint32('start_message_seq');
    const end = fields.uint32('end_message_seq');
    const limit = fields.int('limit');
    const messages = pool ? (await pool.query({ ...PAGE, values: [channelId, limit] })).rows.map(shown) : READY;
    return `{"start_message_seq":${start},"end_message_seq":${end},"more":1,"messages":${messagesJson(messages)}}`;
  }
}
const shown = (row) => ({ ...MESSAGE, ...row });
const MESSAGE = {
  noPersist: false,
  redDot: true,
  syncOnce: false,
  setting: 0,
  messageId: '2127118756168597504',
  clientMsgNo: '7cec731e722c49b6a5fa8360034f3d310',
  streamNo: '',
  streamSeq: 0,
  messageSeq: 1,
  fromUid: 'u00000001',
  channelId: 'g1',
  channelType: 2,
  topic: '',
  expire: 0,
  timestamp: 1795979606,
  payload: 'eyJ0eXBlIjoxLCJjb250ZW50IjoiaGVsbG8ifQ==',
};
const READY = Array.from({ length: PAGE_OF }, () => MESSAGE);

Controller()(BareController);
for (const [name, path] of [
  ['send', 'message/send'],
  ['sync', 'channel/messagesync'],
]) {
  const descriptor = Object.getOwnPropertyDescriptor(BareController.prototype, name);
  for (const decorate of [Post(path), HttpCode(200), Header('content-type', JSON_TYPE)]) {
    decorate(BareController.prototype, name, descriptor);
  }
  Req()(BareController.prototype, name, 0);
}
class BareModule {}
Module({ controllers: [BareController] })(BareModule);

const app = await NestFactory.create(BareModule, createFastifyAdapter(), { bodyParser: false, logger: false });
await app.listen(0, '127.0.0.1');
onTerm(async () => {
  await app.close();
  await pool?.end();
});
serveQuestions({ port: app.getHttpServer().address().port }, {});
