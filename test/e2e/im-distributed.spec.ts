import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../broker/messaging/eventually.js';
import { Center } from '../support/center.js';
import { HAS_BROKER, WITHOUT_BROKER, openVirtualHost } from '../support/e2e-broker.js';
import { ImJsonClient } from '../support/im-json-client.js';
import { SDK_STATUS, sdkClient, type SdkClient } from '../support/im-sdk.js';
import type { RunningApp } from '../support/processes.js';
import { stablePort } from '../support/stable-port.js';

const MANAGER_TOKEN = 'manager-token-of-the-tests';
const HELLO = Buffer.from('{"type":1,"content":"hello"}').toString('base64');

(HAS_BROKER ? describe : describe.skip)(`clients at two im-sync over RabbitMQ${WITHOUT_BROKER}`, () => {
  let center: Center;
  let broker: Awaited<ReturnType<typeof openVirtualHost>>;
  const replicas: { app: RunningApp; port: number }[] = [];
  const clients: { close(): void }[] = [];

  const start = async (port: number): Promise<RunningApp> => center.start('im-sync', { IM_WS_PORT: String(port) });

  beforeAll(async () => {
    broker = await openVirtualHost();
    const env = { IM_AUTH: 'token', IM_MANAGER_TOKEN: MANAGER_TOKEN };
    center = await Center.open({ rabbitUrl: broker.url, recipients: 0, env });
    const ports = [await stablePort(), await stablePort()];
    const [, ...apps] = await Promise.all([center.start('gateway'), ...ports.map(start)]);
    apps.forEach((app, i) => replicas.push({ app, port: ports[i] ?? 0 }));
  });
  afterEach(() => clients.splice(0).forEach((client) => client.close()));
  afterAll(async () => {
    await center?.close();
    await broker?.drop();
  });

  const portOf = (replica: number): number => replicas[replica]?.port ?? 0;
  const call = async (path: string, body: object): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${center.port}${path}`, {
      method: 'POST',
      headers: { token: MANAGER_TOKEN, connection: 'close' },
      body: JSON.stringify(body),
    });
    expect([path, answer.status, await answer.text()]).toEqual([path, 200, expect.any(String)]);
  };
  const allow = (uid: string, device_level: number): Promise<void> =>
    call('/user/token', { uid, token: `token-of-${uid}`, device_flag: 1, device_level });
  const enter = async (replica: number, uid: string, deviceId = 'device'): Promise<ImJsonClient> => {
    const client = await ImJsonClient.login(portOf(replica), { uid, token: `token-of-${uid}`, deviceId });
    clients.push(client);
    expect(client.answer.result).toMatchObject({ reasonCode: 1 });
    return client;
  };
  const stock = async (replica: number, uid: string): Promise<SdkClient> => {
    const client = await sdkClient({ port: portOf(replica), uid, token: `token-of-${uid}` });
    clients.push(client);
    await eventually(
      async () => client.statuses,
      (seen) => seen.includes(SDK_STATUS.connected),
    );
    return client;
  };
  const texts = (client: SdkClient): (string | undefined)[] => client.messages.map(({ content }) => content.text);

  it('send messages to each other, and get what the API sends', async () => {
    await Promise.all([allow('ann', 0), allow('bob', 0)]);
    const [ann, bob] = [await stock(0, 'ann'), await stock(1, 'bob')];
    await ann.sendText('hello bob', 'bob');
    await eventually(
      async () => texts(bob),
      (seen) => seen.includes('hello bob'),
    );
    await bob.sendText('hello ann', 'ann');
    await eventually(
      async () => texts(ann),
      (seen) => seen.includes('hello ann'),
    );
    await call('/channel', { channel_id: 'both', channel_type: 2, subscribers: ['ann', 'bob'] });
    await call('/message/send', { from_uid: 'sys', channel_id: 'both', channel_type: 2, payload: HELLO });
    for (const client of [ann, bob])
      await eventually(
        async () => texts(client),
        (seen) => seen.includes('hello'),
      );
  });

  it('come back by themselves after kill -9 of theirs, and get the next message', async () => {
    await allow('eve', 0);
    const eve = await stock(1, 'eve');
    await replicas[1]?.app.kill('SIGKILL');
    replicas[1] = { app: await start(portOf(1)), port: portOf(1) };
    await eventually(
      async () => eve.statuses,
      (seen) => seen.filter((status) => status === SDK_STATUS.connected).length === 2,
    );
    await call('/message/send', { from_uid: 'sys', channel_id: 'eve', channel_type: 1, payload: HELLO });
    await eventually(
      async () => texts(eve),
      (seen) => seen.includes('hello'),
    );
  });

  it('are ended by a master that logs in at the other one, and by a caller who asks for it', async () => {
    await allow('boss', 1);
    const first = await enter(0, 'boss', 'desk');
    const second = await enter(1, 'boss', 'home');
    await first.closed;
    expect(first.heard('disconnect')).toMatchObject([{ reasonCode: 12 }]);
    expect((await second.ask('ping')).error).toBeUndefined();
    await call('/user/device_quit', { uid: 'boss', device_flag: 1 });
    await second.closed;
  });

  it('says in one line that the port for clients is taken', async () => {
    const env = { IM_WS_PORT: String(portOf(0)), LOG_LEVEL: 'fatal' };
    const failure = await center.start('im-sync', env).catch((error: Error) => error);
    const [, ...said] = (failure as Error).message.trim().split('\n');
    expect(said).toEqual([
      expect.stringMatching(`Port ${portOf(0)} of .* is taken by another program: set IM_WS_PORT`),
    ]);
  });

  it('does not start where it would ask nobody who he is, and others than this machine could come', async () => {
    const env = { IM_AUTH: 'none', HOST: '0.0.0.0', IM_WS_PORT: '0', LOG_LEVEL: 'fatal' };
    const failure = await center.start('im-sync', env).catch((error: Error) => error);
    expect(String(failure)).toContain('IM_AUTH: is none while HOST is 0.0.0.0');
  });

  it('are let go in order when their process ends', async () => {
    await allow('last', 0);
    const last = await enter(0, 'last');
    expect(await replicas[0]?.app.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await last.closed).toBe(1001);
    expect(await center.count(`SELECT count(*) FROM im_session WHERE uid = 'last'`)).toBe(0);
  });
});
