import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SensitiveWords } from '../../apps/gateway/src/catalog/sensitive-words.service.js';
import { gatewayApp, type Answer, type GatewayApp } from '../support/gateway-app.js';

let here: GatewayApp;
let there: GatewayApp;
let token: string;
beforeAll(async () => {
  here = await gatewayApp();
  there = await gatewayApp({}, { databaseUrl: here.databaseUrl });
  ({ token } = await here.clientApp());
  await here.admin('PUT', '/v1/users/u1', {});
});
afterAll(async () => {
  await there.close();
  await here.close();
});

const send = (gateway: GatewayApp, text: string): Promise<Answer> =>
  gateway.call('POST', '/v1/messages', {
    token,
    body: { to: { users: ['u1'] }, channels: { mode: 'list', list: ['portal'] }, content: { title: 'x', text } },
  });
const check = async (text: string): Promise<unknown> =>
  (await here.admin('POST', '/v1/sensitive-words/check', { text })).body;

/** The promise is 5 s. */
const PROMISED_MS = 5000;
async function within(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const until = performance.now() + PROMISED_MS; !(await isSo());) {
    if (performance.now() > until) throw new Error(`${what}: not within ${PROMISED_MS} ms`);
    await sleep(50);
  }
}
const isRefused = async (gateway: GatewayApp, text: string): Promise<boolean> =>
  (await send(gateway, text)).status === 400;

describe('a changed word list', () => {
  it('is known to every replica within 5 s, and so is its change back', async () => {
    for (const gateway of [here, there]) expect((await send(gateway, 'about the Cuckoo project')).status).toBe(202);
    await here.admin('POST', '/v1/sensitive-words', { words: ['cuckoo'] });
    for (const gateway of [here, there]) await within('refused', () => isRefused(gateway, 'about the Cuckoo project'));
    await there.admin('POST', '/v1/sensitive-words', { words: [], allowed: ['Cuckoo project'] });
    for (const gateway of [here, there])
      await within('let through', async () => !(await isRefused(gateway, 'about the Cuckoo project')));
    expect(await isRefused(there, 'cuckoo, a project')).toBe(true);
    await there.admin('DELETE', '/v1/sensitive-words', { words: ['cuckoo', 'Cuckoo project'] });
    for (const gateway of [here, there]) await within('taken', async () => !(await isRefused(gateway, 'cuckoo')));
  });
});

describe('which words a text holds', () => {
  beforeAll(async () => {
    await here.admin('POST', '/v1/sensitive-words', { words: ['赌博', 'viagra'], allowed: ['反赌博'] });
    await within('known', () => isRefused(here, '赌博'));
  });

  it('the administrator is told, with the places in the text as given', async () => {
    const text = '😀 反赌博，不要赌 * 博 or Ｖｉ-ａgra';
    expect(await check(text)).toEqual({
      hits: [
        { word: '赌博', from: text.indexOf('赌 *'), to: text.indexOf(' or') },
        { word: 'viagra', from: text.indexOf('Ｖ'), to: text.length },
      ],
    });
    expect(await check('clean')).toEqual({ hits: [] });
  });

  it('a caller never is', async () => {
    const answer = await send(here, 'some v-i-a-g-r-a');
    expect(answer.status).toBe(400);
    expect(answer.text.toLowerCase()).not.toMatch(/viagra|赌博/);
    const asked = await here.call('POST', '/v1/sensitive-words/check', { token, body: { text: 'viagra' } });
    expect(asked.status).toBe(403);
    expect(asked.text).not.toContain('hits');
  });

  it.each<[string, object]>([
    ['no text', {}],
    ['a number', { text: 1 }],
    ['too long a text', { text: 'x'.repeat(100_001) }],
    ['an unknown field', { text: 'x', more: 1 }],
  ])('is not asked with %s', async (_, body) => {
    expect((await here.admin('POST', '/v1/sensitive-words/check', body)).status).toBe(400);
  });
});

it('a message of many texts is read without keeping everybody else waiting', async () => {
  await here.admin('POST', '/v1/sensitive-words', { words: ['cuckoo'] });
  await within('known', () => isRefused(here, 'cuckoo'));
  const words = here.app.get(SensitiveWords, { strict: false });
  const texts = Array.from({ length: 40 }, () => 'x'.repeat(50_000));
  let [turns, isRead, handed] = [0, false, 0];
  const turn = (): void => {
    turns++;
    if (!isRead) setImmediate(turn);
  };
  setImmediate(turn);
  function* handOut(): Generator<string> {
    for (const text of texts) {
      handed++;
      yield text;
    }
    yield 'cuckoo';
    throw new Error('read on after the first word');
  }
  await expect(words.isIn(handOut)).resolves.toBe(true);
  isRead = true;
  expect(handed).toBe(texts.length);
  expect(turns).toBeGreaterThan(10);
});
