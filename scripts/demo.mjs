// `npm run demo`: a first tour of a running instance. Registers a client app, people, a template and a tag, sends through
// three doors and several channels, and shows what became of every delivery.
// MC_URL (default http://127.0.0.1:$PORT, 3000), ADMIN_TOKEN or DATA_DIR/admin-token (default .data/admin-token).
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT, giveUp } from './lib/project.mjs';

const BASE_URL = (process.env.MC_URL ?? `http://127.0.0.1:${process.env.PORT ?? 3000}`).replace(/(?<!\/)\/+$/, '');
const SETTLED = new Set(['completed', 'cancelled', 'expired']);
/** How long deliveries may take before the report is shown as it stands. */
const WAIT_MS = 40_000;

const PEOPLE = [
  { id: 'demo-li', name: '李 Li', addresses: { sms: '13800000001', mail: 'li@example.com' } },
  { id: 'demo-wang', name: '王 Wang', addresses: { sms: '13700000001', mail: 'wang@example.com' } },
  { id: 'demo-zhao', name: '赵 Zhao', addresses: { mail: 'fail@example.com' } },
  { id: 'demo-sun', name: '孙 Sun', addresses: { sms: '13700000007' } },
  { id: 'demo-chen', name: '陈 Chen', addresses: { webhook: 'https://hooks.example.com/delivered' } },
  { id: 'demo-zhou', name: '周 Zhou', addresses: {} },
];

const TEMPLATE = {
  name: 'Order shipped',
  params: ['order'],
  content: {
    portal: { title: 'Order {{order}}', text: 'Order {{order}} is on its way. 订单已发出。' },
    sms: { text: 'Order {{order}} is on its way.' },
    mail: { subject: 'Order {{order}} is on its way', html: '<p>Order <b>{{order}}</b> is on its way.</p>' },
  },
};

async function call(method, path, { token, body } = {}) {
  const response = await fetch(BASE_URL + path, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
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

/** A call of the door `/msg`: HTTP 200 whatever happens, the code tells. */
async function msgCall(path, token, body) {
  const answer = await call('POST', `${path}?access_token=${token}`, { body });
  if (answer.code !== 0) giveUp(`POST ${path} was refused (${answer.code}): ${answer.message}`);
  return answer.data;
}

/** A call of the platform door: form bodies, HTTP 200 whatever happens. */
async function platformCall(path, fields) {
  const response = await fetch(BASE_URL + path, { method: 'POST', body: new URLSearchParams(fields) });
  const answer = await response.json();
  if (answer.rspCode !== '000000') giveUp(`POST ${path} was refused (${answer.rspCode}): ${answer.rspMsg}`);
  return answer.resultData;
}

function adminToken() {
  if (process.env.ADMIN_TOKEN) return process.env.ADMIN_TOKEN;
  const file = resolve(ROOT, process.env.DATA_DIR ?? '.data', 'admin-token');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return giveUp(`No administrator token: set ADMIN_TOKEN (there is no ${file}).`);
  }
}

async function setUp(admin) {
  const { appId, appSecret } = await call('POST', '/v1/client-apps', {
    token: admin,
    body: {
      name: 'Demo shop',
      channels: ['portal', 'sms', 'mail', 'webhook', 'smart'],
      features: ['directory-write', 'user-list'],
    },
  });
  for (const { id, name, addresses } of PEOPLE) {
    await call('PUT', `/v1/users/${id}`, { token: admin, body: { name, addresses } });
  }
  const { token } = await call('POST', '/v1/token', { body: { appId, appPassword: appSecret } });
  await call('PUT', '/v1/templates/demo-order', { token, body: TEMPLATE });
  return { appId, token };
}

/** Sends one of each kind; answers what to watch. */
async function sendAll(token) {
  const native = async (label, body) => ({ label, id: (await call('POST', '/v1/messages', { token, body })).id });
  const content = { title: 'Hello 你好', text: 'A message from the demo shop.' };
  const template = { code: 'demo-order', params: { order: '1001' } };
  const viaPlatform = async (label, fields) => ({
    label,
    id: (await platformCall('/message/sendMessageApi', fields)).msgId,
  });
  const viaMsg = async (label, path, body) => ({ label, id: (await msgCall(path, token, body)).ref_no });

  await msgCall('/msg/tag/add', token, { tag: 'demo-vip', uids: ['demo-li', 'demo-sun', 'demo-zhou'] });
  return [
    await native('native: portal and mail, list', {
      to: { users: ['demo-li'] },
      channels: { mode: 'list', list: ['portal', 'mail'] },
      content,
    }),
    await native('native: any; SMS fails, mail takes over', { to: { users: ['demo-wang'] }, template }),
    await native('native: mail only, fails for good', {
      to: { users: ['demo-zhao'] },
      channels: { mode: 'list', list: ['mail'] },
      template,
    }),
    await native('native: webhook, delivered', {
      to: { users: ['demo-chen'] },
      channels: { mode: 'list', list: ['webhook'] },
      content,
    }),
    await native('native: SMS outside the directory, rate-limited', {
      to: { addresses: [{ channel: 'sms', address: '13700000005' }] },
      channels: { mode: 'list', list: ['sms'] },
      content,
    }),
    await viaMsg('/msg/send: SMS, read', '/msg/send', {
      uid: 'demo-sun',
      channel: 'mobile',
      template: 'demo-order',
      params: { order: '1002' },
    }),
    await viaMsg('/msg/send_tag: any, three people', '/msg/send_tag', {
      tag: 'demo-vip',
      template: 'demo-order',
      params: { order: '1003' },
    }),
    await viaPlatform('sendMessageApi: to-do with reply, portal', {
      token,
      msgtitle: '请确认收货',
      msgType: '0',
      msgContent: '<p>订单 <b>1001</b> 已送达，请<i>确认</i>。</p>',
      sendStatus: '1',
      sendChannel: 'Portal',
      sendMode: 'normal',
      sendMsgType: '4',
      waitLink: `https://shop.example.com/orders/1001?t=${Date.now()}`,
      isReply: '1',
      receivers: JSON.stringify([{ type: 'User', userId: 'demo-li', name: '李' }]),
    }),
  ];
}

async function waitFor(messages, token) {
  const until = Date.now() + WAIT_MS;
  for (;;) {
    const states = await Promise.all(messages.map(({ id }) => call('GET', `/v1/messages/${id}`, { token })));
    const open = states.filter((state) => !SETTLED.has(state.status)).length;
    if (open === 0 || Date.now() > until) return states;
    if (process.stdout.isTTY)
      process.stdout.write(`\r${messages.length - open} of ${messages.length} messages completed … `);
    await delay(500);
  }
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
const widthOf = (text) => [...text].reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0);

function printTable(header, rows) {
  const widths = header.map((name, i) => Math.max(...[[...header], ...rows].map((row) => widthOf(row[i]))));
  const line = (cells) => cells.map((cell, i) => cell + ' '.repeat(widths[i] - widthOf(cell))).join('  ');
  console.log(line(header).trimEnd());
  console.log(widths.map((width) => '-'.repeat(width)).join('  '));
  for (const row of rows) console.log(line(row).trimEnd());
}

async function report(messages, states, token) {
  const rows = [];
  for (const [i, { label, id }] of messages.entries()) {
    const { items } = await call('GET', `/v1/messages/${id}/deliveries?limit=200`, { token });
    items.forEach((delivery, n) =>
      rows.push([
        n === 0 ? label : '',
        n === 0 ? states[i].status : '',
        delivery.recipient ?? delivery.address,
        delivery.channel,
        delivery.status,
        delivery.attempts.map((attempt) => attempt.outcome).join(', '),
        delivery.error?.code ?? '',
      ]),
    );
  }
  printTable(['message', 'status', 'recipient', 'channel', 'delivery', 'attempts', 'error'], rows);
}

const admin = adminToken();
console.log(`Message Center at ${BASE_URL}\n`);
const { appId, token } = await setUp(admin);
console.log(`client app ${appId}, ${PEOPLE.length} people, template demo-order, tag demo-vip`);

const preview = await call('POST', '/v1/messages/dry-run', {
  token,
  body: { to: { users: ['demo-wang', 'demo-nobody'] }, template: { code: 'demo-order', params: { order: '1001' } } },
});
console.log('\nDry run: what would be sent, and why not');
printTable(
  ['recipient', 'channel', 'then', 'text or reason'],
  preview.items.flatMap(({ recipient, deliveries }) =>
    deliveries.map(({ channel, fallbacks, content, skipped }) => [
      recipient,
      skipped ? '-' : channel,
      (fallbacks ?? []).join(', '),
      skipped ?? content.text,
    ]),
  ),
);

console.log('');
const messages = await sendAll(token);
const states = await waitFor(messages, token);
console.log('\n\nDelivery report');
await report(messages, states, token);

const { items: causes } = await call('GET', `/v1/dead-letters?appId=${encodeURIComponent(appId)}`, { token: admin });
console.log('\nDead letters of this app');
if (causes.length === 0) console.log('none');
else
  printTable(
    ['channel', 'cause', 'count'],
    causes.map(({ channel, cause, count }) => [channel || '-', cause, String(count)]),
  );

const portal = await call('POST', '/v1/portal-sessions', { token, body: { userId: 'demo-li' } });
console.log(`
Look in the browser
  ${portal.url}
             the inbox of 李 Li, with the to-do (this link opens once, within a minute)
  ${BASE_URL}/sandbox   what the sandbox took (nothing left this service)
  ${BASE_URL}/docs      every call, to try out`);
