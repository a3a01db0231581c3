// Push over MQTT: one groupcast to many devices, from the call to the last settled delivery, against a bare loop that publishes as
// many messages to the same broker.
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasMosquitto, startMosquitto } from '../scripts/lib/mosquitto.mjs';
import { seedDirectory } from './lib/directory.mjs';
import { figure } from './lib/figures.mjs';
import { freePorts, startApp, startProgram } from './lib/processes.mjs';
import { startDatabase, temporaryFolder } from './lib/servers.mjs';
import { withStack } from './lib/stack.mjs';
import { median } from './lib/stats.mjs';

const WINDOW = 200;
const SIZES = [10_000, 100_000];
/** Of the largest, which takes its time. */
const ROUNDS_OF_LARGEST = 1;
const SETTLE_TIMEOUT_MS = 300_000;
const TITLE = 'Your parcel is waiting at the front desk until Friday, 6 pm.';
const RAW = 'bare npm mqtt loop';

/** @returns {Promise<{ figures: object[], facts: string[] }>} */
export const push = ({ rounds }) =>
  withStack(async (stack) => {
    if (!hasMosquitto()) {
      console.log('  SKIPPED: mosquitto is not installed');
      return { figures: [], facts: ['skipped: mosquitto is not installed'] };
    }
    const password = randomBytes(16).toString('hex');
    const broker = stack.add(
      await startMosquitto({
        users: { center: password, devices: password },
        rules: 'user devices\ntopic read device/+/msg\n',
        more: 'max_inflight_messages 1000\nmax_queued_messages 0',
      }),
    );
    const environment = { MQTT_URL: broker.url, MQTT_PASSWORD: password, MQTT_WINDOW: String(WINDOW) };
    const devices = stack.add(await startProgram('programs/mqtt-devices.mjs', environment));
    const raw = stack.add(await startProgram('peers/mqtt-raw.mjs', environment));
    const adapter = stack.add(await startProgram('programs/mqtt-provider.mjs', environment));
    const center = await startCenter(stack, broker.url, password);
    for (const one of [raw, adapter]) await one.ask({ ask: 'run', count: 5_000, title: TITLE });
    await center.groupcast(Math.min(...SIZES));
    const figures = [];
    for (const size of SIZES) figures.push(...(await measure(size, rounds, { raw, adapter, center, devices })));
    return { figures, facts: [center.facts, `Mosquitto, window ${WINDOW}, MQTT 5, one subscriber for all devices`] };
  });

/** In turns: whatever else the machine does meanwhile hits all alike. */
async function measure(size, rounds, { raw, adapter, center, devices }) {
  const rates = { raw: [], adapter: [], center: [] };
  const repetitions = size === Math.max(...SIZES) ? ROUNDS_OF_LARGEST : rounds;
  for (let round = 1; round <= repetitions; round++) {
    rates.raw.push((await raw.ask({ ask: 'run', count: size, title: TITLE })).perSecond);
    rates.adapter.push((await adapter.ask({ ask: 'run', count: size, title: TITLE })).perSecond);
    const before = await quiet(devices);
    rates.center.push(await center.groupcast(size));
    const heard = (await quiet(devices)) - before;
    if (heard !== size) throw new Error(`${heard} of ${size} messages reached the devices`);
    const last = Object.entries(rates).map(([name, list]) => `${name} ${Math.round(list.at(-1))}/s`);
    console.log(`  ${size.toLocaleString('en-US')} devices, round ${round}/${repetitions}: ${last.join(', ')}`);
  }
  const baselines = [{ name: RAW, value: median(rates.raw), goal: { atLeast: 0.8 } }];
  const name = size.toLocaleString('en-US');
  return [
    figure(`groupcast to ${name} devices, from the call until settled`, median(rates.center), 'messages/s', {
      baselines,
    }),
    figure(`our adapter alone, ${name} messages`, median(rates.adapter), 'messages/s', { baselines }),
  ];
}

/** What the devices have heard, once they hear no more. */
async function quiet(devices) {
  let { count } = await devices.ask({ ask: 'count' });
  for (;;) {
    await sleep(300);
    const { count: now } = await devices.ask({ ask: 'count' });
    if (now === count) return count;
    count = now;
  }
}

async function startCenter(stack, brokerUrl, password) {
  const database = stack.add(await startDatabase());
  const { environment, query } = stack.add(await seedDirectory(database.url));
  await addDevices(query);
  const data = stack.add(temporaryFolder('push'));
  const [PORT] = await freePorts(1);
  const mqtt = { MQTT_URL: brokerUrl, MQTT_USERNAME: 'center', MQTT_PASSWORD: password };
  stack.add(await startApp('standalone', { ...environment, ...mqtt, PORT: String(PORT), DATA_DIR: data.folder }));
  const app = await post(`http://127.0.0.1:${PORT}/v1/client-apps`, {
    headers: { authorization: `Bearer ${environment.ADMIN_TOKEN}` },
    body: { name: 'Bench pushes', channels: ['push'] },
  });
  return {
    facts: database.facts,
    /** Messages a second, from the call until the last delivery is settled and counted. */
    async groupcast(size) {
      const startedAt = performance.now();
      const { ret, data: answer } = await post(`http://127.0.0.1:${PORT}/psp/push/msg`, {
        headers: signed(app),
        body: {
          type: 'groupcast',
          org_ids: unitOf(size),
          payload: { display_type: 'notification', body: { title: TITLE } },
        },
      });
      if (ret !== 'SUCCESS') throw new Error(`refused: ${JSON.stringify(answer)}`);
      for (const giveUpAt = Date.now() + SETTLE_TIMEOUT_MS; Date.now() < giveUpAt; await sleep(50)) {
        const [state] = await query('SELECT status, sent FROM message_state WHERE message_id = $1', [answer.task_id]);
        if (state?.status !== 'completed') continue;
        if (state.sent !== size) throw new Error(`${state.sent} of ${size} messages were sent`);
        return (size / (performance.now() - startedAt)) * 1000;
      }
      throw new Error(`${size} messages were not settled in time`);
    },
  };
}

const unitOf = (size) => `unit-${size}`;

/** A person and a device each, in one org unit for every size. */
async function addDevices(query) {
  const people = Math.max(...SIZES);
  await query(
    `INSERT INTO recipient (user_id, name) SELECT 'owner-' || n, 'Owner ' || n FROM generate_series(0, $1::int - 1) n`,
    [people],
  );
  await query(
    `INSERT INTO device (token, user_id, platform, provider)
     SELECT 'dev-' || n, 'owner-' || n, 'android', 'mqtt' FROM generate_series(0, $1::int - 1) n`,
    [people],
  );
  for (const size of SIZES) {
    await query('INSERT INTO org_unit (code, name) VALUES ($1, $1)', [unitOf(size)]);
    await query(
      `INSERT INTO recipient_org_unit (org_unit, user_id) SELECT $1, 'owner-' || n FROM generate_series(0, $2::int - 1) n`,
      [unitOf(size), size],
    );
  }
  await query('VACUUM ANALYZE');
}

function signed({ appId, appSecret }) {
  const timestamp = String(Date.now());
  const text = appId.toLowerCase() + appSecret.toLowerCase() + timestamp;
  return { appkey: appId, timestamp, validationtoken: createHash('md5').update(text).digest('hex') };
}

async function post(url, { headers, body }) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return JSON.parse(text);
}
