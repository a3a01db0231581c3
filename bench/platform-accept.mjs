// How many messages a second the platform door accepts, beside the msg door of the same process.
import { CONNECTIONS, closedLoop } from './lib/closed-loop.mjs';
import { seedDirectory, sendBody, sendPath, userId, PEOPLE } from './lib/directory.mjs';
import { figure } from './lib/figures.mjs';
import { startProgram } from './lib/processes.mjs';
import { startBroker, startDatabase } from './lib/servers.mjs';
import { withStack } from './lib/stack.mjs';
import { median } from './lib/stats.mjs';
import { inTurn } from './lib/turns.mjs';
import { setTimeout as sleep } from 'node:timers/promises';

const WARM_UP_S = 2;
/** Calls that were under way when a load ended are through by then: they and the emptying of the tables would wait for each other. */
const PAUSE_MS = 250;
const MSG = '/msg/send';
const PLATFORM = '/message/sendMessageApi';

/** @returns {Promise<{ figures: object[], facts: string[] }>} */
export const platformAccept = ({ seconds, rounds }) =>
  withStack(async (stack) => {
    const database = stack.add(await startDatabase());
    const { token, environment, query } = stack.add(await seedDirectory(database.url));
    const broker = await startBroker();
    if (broker) stack.add(broker);
    const gateway = stack.add(
      await startProgram('peers/gateway.mjs', { ...environment, ...(broker && { RABBITMQ_URL: broker.url }) }),
    );
    const loads = {
      [MSG]: { path: sendPath(token), bodies: numbered((n) => sendBody(n, 'sms')) },
      [PLATFORM]: {
        path: PLATFORM,
        bodies: numbered((n) => platformBody(token, n)),
        type: 'application/x-www-form-urlencoded',
        accepted: '{"rspCode":"000000",',
      },
    };
    const run = (name, s) => closedLoop({ port: gateway.ready.port, seconds: s, ...loads[name] });
    const runs = { [MSG]: [], [PLATFORM]: [] };
    for (const name of Object.keys(loads)) await run(name, WARM_UP_S);
    for (let round = 1; round <= rounds; round++) {
      for (const name of inTurn(Object.keys(loads), round)) {
        await sleep(PAUSE_MS);
        await query('TRUNCATE message, message_state, work, settlement, idempotency_key');
        const result = await run(name, seconds);
        if (result.failed > 0) throw new Error(`${name}: ${result.failed} of ${result.answered} calls failed`);
        runs[name].push(result);
        console.log(`  round ${round}/${rounds}  ${name}: ${Math.round(result.perSecond)}/s, p99 ${result.p99} ms`);
      }
    }
    const of = (name, key) => median(runs[name].map((result) => result[key]));
    const details = (name) => ({ 'p50 ms': of(name, 'p50'), 'p99 ms': of(name, 'p99') });
    return {
      figures: [
        figure(PLATFORM, of(PLATFORM, 'perSecond'), 'messages/s', {
          details: details(PLATFORM),
          baselines: [{ name: MSG, value: of(MSG, 'perSecond'), goal: { atLeast: 0.9 } }],
        }),
        figure(`beside it: ${MSG}`, of(MSG, 'perSecond'), 'messages/s', { details: details(MSG) }),
      ],
      facts: [database.facts, `${CONNECTIONS} connections`, 'one recipient, one SMS'],
    };
  });

const numbered = (body) => Array.from({ length: 1000 }, (_, n) => body(n));

/** The same text to the same person as the other door's message. */
const platformBody = (token, n) =>
  new URLSearchParams({
    token,
    msgtitle: 'Bench',
    msgType: '1',
    msgContent: `Message ${n}`,
    sendStatus: '1',
    sendChannel: 'SMS',
    sendMode: 'normal',
    receivers: JSON.stringify([{ type: 'User', userId: userId(n % PEOPLE), name: 'Person' }]),
  }).toString();
