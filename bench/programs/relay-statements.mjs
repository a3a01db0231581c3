// The statements behind the relay, timed one batch after the other on the pool that im-sync uses.
import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ROOT } from '../../scripts/lib/project.mjs';
import { onTerm, serveQuestions } from '../lib/program.mjs';
import { adminToken, userToken } from '../lib/relay-people.mjs';
import { percentiles } from '../lib/stats.mjs';

const dist = (path) => import(join(ROOT, 'dist', path));
const { PersistenceModule, RelayMailboxRepository, RelaySendRepository } = await dist('libs/entities/src/index.js');
const { PlatformModule } = await dist('libs/platform/src/index.js');

/** Calls of one batch, each of another person. */
const BATCH = 50;
/** Next person of a series that meets everybody once, in no order: prime. */
const STRIDE = 7919;
const ACCEPTED = { isAccepted: true, redirect: '', isCounted: false };

class StatementsModule {}
Module({ imports: [PlatformModule, PersistenceModule] })(StatementsModule);
const app = await NestFactory.createApplicationContext(StatementsModule, { logger: false });
const sends = app.get(RelaySendRepository, { strict: false });
const mailboxes = app.get(RelayMailboxRepository, { strict: false });

const digest = (algorithm, token) => createHash(algorithm).update(token).digest('hex');
const callsOf = (tokens) => ({
  callers: tokens.map((token) => digest('md5', token)),
  tokenHashes: tokens.map((token) => digest('sha256', token)),
  strangers: tokens.map(() => false),
});

/** Each mailbox gets a message and gives it away again, so that there are as many as before. */
async function measure({ users, seconds }) {
  const times = { send: [], pull: [] };
  let met = 0;
  const timed = async (name, run) => {
    const startedAt = performance.now();
    await run();
    times[name].push(performance.now() - startedAt);
  };
  for (const until = performance.now() + seconds * 1000; performance.now() < until;) {
    const people = Array.from({ length: BATCH }, () => userToken((met++ * STRIDE) % users));
    const { callers: receivers } = callsOf(people);
    const message = {
      ...callsOf(people.map(() => adminToken(0))),
      receivers,
      bodies: people.map(() => '{"content":"hello"}'),
    };
    await timed('send', () => sends.send(message, (stood) => stood.map(() => ACCEPTED)));
    await timed('pull', () => mailboxes.pull({ ...callsOf(people), keys: people.map(() => '') }));
  }
  const of = (name) => percentiles(times[name], [50]).p50;
  return { send: of('send'), pull: of('pull'), batch: BATCH };
}

onTerm(() => app.close());
serveQuestions({}, { measure });
