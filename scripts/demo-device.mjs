// `npm run demo:device`: a device at a running instance. Registers it, connects it by MQTT with the stock client, pushes to it
// through the door /psp, receives, acknowledges, and shows the report.
// MC_URL (default http://127.0.0.1:$PORT, 3000), ADMIN_TOKEN or DATA_DIR/admin-token (default .data/admin-token),
// MC_MQTT_URL or DATA_DIR/mqtt-url (where npm start writes where devices connect).
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import mqtt from 'mqtt';
import { ROOT, giveUp } from './lib/project.mjs';

const BASE_URL = (process.env.MC_URL ?? `http://127.0.0.1:${process.env.PORT ?? 3000}`).replace(/(?<!\/)\/+$/, '');
/** How long anything may take before it is called missing. */
const WAIT_MS = 20_000;

const dataFile = (name) => resolve(ROOT, process.env.DATA_DIR ?? '.data', name);

function setting(variable, file, advice) {
  if (process.env[variable]) return process.env[variable];
  try {
    return readFileSync(dataFile(file), 'utf8').trim();
  } catch {
    return giveUp(`${advice}: set ${variable} (there is no ${dataFile(file)}).`);
  }
}

async function call(method, path, { headers = {}, body } = {}) {
  const response = await fetch(BASE_URL + path, {
    method,
    headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  }).catch((error) =>
    giveUp(
      `Nothing answers at ${BASE_URL} (${error.cause?.code ?? error.message}): run "npm start" first, or set MC_URL.`,
    ),
  );
  const text = await response.text();
  if (!response.ok) giveUp(`${method} ${path} was refused (${response.status}): ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** The headers of the door /psp: validationtoken = md5(lower(appkey) + lower(secret) + timestamp). */
function signed({ appId, appSecret }) {
  const timestamp = String(Date.now());
  const text = appId.toLowerCase() + appSecret.toLowerCase() + timestamp;
  return { appkey: appId, timestamp, validationtoken: createHash('md5').update(text).digest('hex') };
}

/** Connects as docs/devices.md says: a lasting session, ears open before the connection is. */
function connect(url, { username, password }, onMessage) {
  const client = mqtt.connect(url, { username, password, clientId: username, clean: false, reconnectPeriod: 0 });
  client.on('message', (_topic, payload) => onMessage(JSON.parse(payload.toString())));
  return new Promise((settle) => {
    client.once('connect', () => settle(client));
    client.once('error', (error) => giveUp(`The MQTT broker at ${url} lets nobody in: ${error.message}`));
    client.once('close', () => giveUp(`The MQTT broker at ${url} hung up: is MC_MQTT_URL right?`));
  });
}

async function until(what, ask) {
  for (const giveUpAt = Date.now() + WAIT_MS; Date.now() < giveUpAt; await delay(100)) {
    const answer = await ask();
    if (answer) return answer;
  }
  return giveUp(`${what} did not come within ${WAIT_MS / 1000} s.`);
}

const admin = {
  authorization: `Bearer ${setting('ADMIN_TOKEN', 'admin-token', 'No administrator token')}`,
};
const url = setting('MC_MQTT_URL', 'mqtt-url', 'It is not known where devices connect');
const token = `demo-${randomBytes(4).toString('hex')}`;

const app = await call('POST', '/v1/client-apps', {
  headers: admin,
  body: { name: 'Demo pushes', channels: ['push'] },
});
console.log(`1. client app ${app.appId}`);

const { mqtt: login } = await call('PUT', `/v1/devices/${token}`, {
  headers: admin,
  body: { userId: 'demo-li', platform: 'android', provider: 'mqtt' },
});
console.log(`2. device ${token} is registered; its password is shown this once`);

const received = [];
const client = await connect(url, login, (message) => received.push(message));
client.removeAllListeners('close');
await client.subscribeAsync(`device/${token}/msg`, { qos: 1 });
console.log(`3. connected to ${url}, listens at device/${token}/msg`);

const push = await call('POST', '/psp/push/msg', {
  headers: signed(app),
  body: {
    type: 'unicast',
    device_tokens: token,
    payload: { display_type: 'notification', body: { title: 'Hello, device! 你好' } },
  },
});
if (push.ret !== 'SUCCESS') giveUp(`The push was refused: ${JSON.stringify(push.data)}`);
const { task_id: task } = push.data;
console.log(`4. pushed through POST /psp/push/msg: task ${task}`);

const message = await until('The message', () => received[0]);
console.log(`5. received: ${JSON.stringify(message)}`);

await client.publishAsync(`device/${token}/ack`, JSON.stringify({ ref: message.ref }), { qos: 1 });
console.log(`6. acknowledged at device/${token}/ack`);

const report = await until('The report of the delivery', async () => {
  const { data } = await call('GET', `/psp/push/task/${task}`, { headers: signed(app) });
  return data.delivered === 1 ? data : null;
});
console.log(`7. GET /psp/push/task/${task}: ${JSON.stringify(report)}`);
await client.endAsync();
