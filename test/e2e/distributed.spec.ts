import { randomBytes } from 'node:crypto';
import { connect, type Channel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { QUEUES, deadLetterQueueOf } from '#contracts';
import { eventually } from '../broker/messaging/eventually.js';
import { Center, FIVE_APPS } from '../support/center.js';
import { HAS_BROKER, WITHOUT_BROKER, openVirtualHost } from '../support/e2e-broker.js';
import { outcomeOf, watchRanks } from '../support/outcome.js';
import { freePort } from '../support/processes.js';

(HAS_BROKER ? describe : describe.skip)(`five processes over RabbitMQ${WITHOUT_BROKER}`, () => {
  let center: Center;
  let broker: Awaited<ReturnType<typeof openVirtualHost>>;

  beforeAll(async () => {
    broker = await openVirtualHost();
    center = await Center.open({
      rabbitUrl: broker.url,
      env: { LOG_LEVEL: 'trace', NODE_OPTIONS: '--disable-proto=throw' },
    });
    await watchRanks(center);
    await center.startAll();
  });
  afterAll(async () => {
    await center?.close();
    await broker?.drop();
  });

  it('bring a message to its recipients and tell the caller', async () => {
    const id = await center.send(['u0', 'u1', 'u2'], { statusCallback: center.sink.callbackUrl });
    await center.untilDone([id]);
    const arrived = center.sink.deliveries.map(({ path }) => path).sort();
    expect(arrived).toEqual(['/to/u0', '/to/u1', '/to/u2']);
    const told = center.sink.reported(id).map(({ uid, status }) => `${uid} ${status}`);
    expect(told.sort()).toEqual(['u0 delivered', 'u1 delivered', 'u2 delivered']);
    const answer = (await (await center.call('GET', `/v1/messages/${id}`)).json()) as object;
    expect(answer).toMatchObject({ id, status: 'completed' });
    expect(await outcomeOf(center)).toEqual({
      complaints: [],
      duplicates: 0,
      flagged: 0,
    });
  });

  it.each(FIVE_APPS)('%s answers its probes and tells its figures', async (name) => {
    const base = `http://127.0.0.1:${center.app(name).healthPort}`;
    const [live, ready, metrics] = await Promise.all(
      ['/health/live', '/health/ready', '/metrics'].map((path) => fetch(base + path)),
    );
    expect([live?.status, ready?.status, metrics?.status]).toEqual([200, 200, 200]);
    expect(await ready?.json()).toMatchObject({ status: 'ready' });
    expect(await metrics?.text()).toMatch(/^process_cpu_seconds_total/m);
  });

  it('may touch nothing of others on the broker', async () => {
    const connection = await connect(broker.url);
    const refused = async (touch: (channel: Channel) => Promise<unknown>): Promise<unknown> => {
      const channel = await connection.createChannel();
      channel.on('error', () => undefined);
      return touch(channel).then(
        () => 'allowed',
        (error: { code: number }) => error.code,
      );
    };
    expect(await refused((channel) => channel.assertQueue('theirs'))).toBe(403);
    expect(await refused((channel) => channel.assertExchange('theirs', 'direct'))).toBe(403);
    expect(await refused((channel) => channel.bindQueue(QUEUES.deliverySettled, 'amq.topic', '#'))).toBe(403);
    await connection.close();
  });

  it('tell nothing of a message and no secret in logs at their most talkative, metrics, and headers of dead letters', async () => {
    const nonce = randomBytes(6).toString('hex');
    const plant = (place: string): string => `canary-${place}-${nonce}`;
    const id = await center.send([], {
      to: {
        users: [{ userId: 'u0', params: { name: plant('param') } }],
        addresses: [
          { channel: 'webhook', address: `http://127.0.0.1:${await freePort()}/${plant('path')}?key=${plant('key')}` },
          { channel: 'mail', address: `${plant('address')}@example.com`, name: plant('name') },
        ],
      },
      channels: { mode: 'list', list: ['webhook', 'mail'] },
      content: { title: plant('title'), text: plant('text') },
      statusCallback: `http://127.0.0.1:${await freePort()}/?token=${plant('callback')}`,
    });
    const connection = await connect(broker.url);
    const channel = await connection.createChannel();
    channel.sendToQueue(QUEUES.messageAccepted, Buffer.from(`{"messageIds":"${plant('body')}"}`));
    await eventually(
      () => center.count('SELECT count(DISTINCT seq) FROM delivery_attempt WHERE message_id = $1', [id]),
      (count) => count >= 3,
    );
    await eventually(
      () => center.count('SELECT count(*) FROM callback WHERE message_id = $1 AND attempts > 0', [id]),
      (count) => count > 0,
    );
    const dead = await eventually(
      () => channel.get(deadLetterQueueOf(QUEUES.messageAccepted), { noAck: true }),
      (message) => message !== false,
    );
    await connection.close();
    const told = [JSON.stringify(dead && dead.properties)];
    for (const name of FIVE_APPS) {
      const { healthPort, output } = center.app(name);
      told.push(await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text(), output());
    }
    const secrets = [nonce, center.token, center.adminToken, center.appSecret, new URL(center.databaseUrl).password];
    expect(told.filter((text) => secrets.some((secret) => secret !== '' && text.includes(secret)))).toEqual([]);
    for (const table of ['work', 'callback'])
      // it would be tried for hours
      await center.db.query(`DELETE FROM ${table} WHERE message_id = $1`, [id]);
  });

  it('a worker of CHANNELS=mail leaves the other channels alone', async () => {
    await center.app('channel-worker').kill();
    await center.start('channel-worker', { CHANNELS: 'mail' });
    const id = await center.send([], {
      to: {
        addresses: [
          { channel: 'mail', address: 'a@example.com' },
          { channel: 'webhook', address: center.sink.addressOf('x') },
        ],
      },
      channels: { mode: 'list', list: ['mail', 'webhook'] },
    });
    center.accepted.set(id, 2);
    const statuses = (): Promise<{ channel: string; status: number }[]> =>
      center.rows('SELECT channel, status FROM delivery WHERE message_id = $1 ORDER BY channel', [id]);
    await eventually(statuses, (rows) => rows.some(({ channel, status }) => channel === 'mail' && status === 20));
    expect(await statuses()).toEqual([
      { channel: 'mail', status: 20 },
      { channel: 'webhook', status: 0 },
    ]);
    await center.start('channel-worker', { CHANNELS: 'webhook' });
    await center.untilDone([id]);
  });

  it('a template message is refused where no worker serves WeChat, and sent while its caller waits where one does', async () => {
    const admin = async (method: string, path: string, body: object): Promise<Record<string, string>> => {
      const response = await fetch(`http://127.0.0.1:${center.port}${path}`, {
        method,
        headers: { authorization: `Bearer ${center.adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect([path, response.ok]).toEqual([path, true]);
      return (await response.json()) as Record<string, string>;
    };
    const { appId, appSecret } = await admin('POST', '/v1/client-apps', { name: 'OA', channels: ['wechat'] });
    await admin('PUT', '/v1/public-accounts/gh', { name: '服务号', provider: 'sandbox' });
    await admin('PUT', '/v1/public-accounts/gh/templates/t1', { title: '通知', content: '事项：{{thing1.DATA}}' });
    await admin('PUT', '/v1/users/zhang', { name: '张三', addresses: { wechat: { gh: 'o-zhang' } } });
    const door = async (
      path: string,
      body?: object,
    ): Promise<{ rspCode: string; resultData: Record<string, string> }> =>
      (await center.call('POST', path, body)).json() as never;
    const credentials = new URLSearchParams({ appId: appId ?? '', appPassword: appSecret ?? '' }).toString();
    const { token } = (await door(`/msg/getThirdAPIToken?${credentials}`)).resultData;
    const message = { userId: 'zhang', publicId: 'gh', messageType: '1', templateId: 't1', url: 'https://e.com/1' };
    const send = (): ReturnType<typeof door> =>
      door('/message/sendTemplateApi', { token, ...message, data: { thing1: { value: '放假' } } });

    expect(await send()).toMatchObject({ rspCode: '999999', resultData: null });
    expect(await center.count('SELECT count(*) FROM message WHERE client_app_id = $1', [appId])).toBe(0);

    await center.start('channel-worker', { CHANNELS: 'wechat' });
    const { rspCode, resultData } = await send();
    expect([rspCode, resultData]).toEqual(['000000', expect.objectContaining({ status: '0', info: '发送成功' })]);
    await center.untilDone([resultData.messageId ?? '']);
  });

  it('the relay carries messages while im-sync runs, and says at once when nobody is there', async () => {
    const identity = async (role: string): Promise<Record<string, string>> => {
      const response = await fetch(`http://127.0.0.1:${center.port}/v1/relay/identities`, {
        method: 'POST',
        headers: { authorization: `Bearer ${center.adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ role }),
      });
      return (await response.json()) as Record<string, string>;
    };
    const [desk, user] = await Promise.all([identity('admin'), identity('user')]);
    const relay = async (fields: Record<string, string | undefined>, body?: object): Promise<object> => {
      const query = new URLSearchParams({ type: 'message', ...(fields as Record<string, string>) }).toString();
      return (await (await center.call(body ? 'POST' : 'GET', `/app/message?${query}`, body)).json()) as object;
    };
    const send = (content: string) => relay({ do: 'set', token: desk.token, md5_id: user.md5Id }, { content });
    const pull = () => relay({ do: 'get', token: user.token });

    expect(await Promise.all(Array.from({ length: 50 }, (_, i) => send(String(i))))).toEqual(
      Array.from({ length: 50 }, () => ({ success: 1 })),
    );
    const { data } = (await pull()) as { data: object[] };
    expect(data).toHaveLength(50);

    await center.app('im-sync').kill();
    const failure = { success: 0, code: '500', error: '服务端错误' };
    expect([await send('lost'), await pull()]).toEqual([
      expect.objectContaining(failure),
      expect.objectContaining(failure),
    ]);
    await center.start('im-sync');
    await eventually(pull, (answer) => 'success' in answer && answer.success === 1);
    expect(await send('found')).toEqual({ success: 1 });
    expect(await pull()).toMatchObject({ data: [{ content: 'found', md5_id: desk.md5Id }] });
  });

  it.each(FIVE_APPS)('%s ends in order when it is asked to', async (name) => {
    expect(await center.app(name).kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
