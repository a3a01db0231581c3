import { GuardedHttp } from '#platform';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { outbound } from '../../../../test/support/channel-provider.conformance.js';
import { MemoryTokenCustody } from '../../../../test/support/fakes/token-custody.js';
import { WecomFake } from '../../../../test/support/fakes/wecom.js';
import { wecomBodyProblem } from '../../../../test/support/fakes/wecom-body.js';
import type { ChannelProvider, OutboundDelivery, RenderedContent } from '../port/channel-provider.port.js';
import { WecomFactory } from './wecom.factory.js';
import { wecomTodoCard } from './wecom.todo-card.js';

const never = new AbortController().signal;
const url = 'https://e.com/1';
const content: RenderedContent = { title: '请假审批', text: '张三请假三天', url };
const todo = (address: string, more: Partial<OutboundDelivery> = {}): OutboundDelivery =>
  outbound(address, { isTodo: true, source: 'OA', content, ...more });

let fake: WecomFake;
let http: GuardedHttp;
let provider: ChannelProvider;
const connect = (settings: object = {}): ChannelProvider =>
  new WecomFactory(http, new MemoryTokenCustody()).create({
    id: 'wecom:app',
    channel: 'wecom',
    provider: 'wecom',
    settings: { ...fake.account, ...settings },
  });
beforeEach(async () => {
  fake = await WecomFake.open();
  http = new GuardedHttp({ allow: ['127.0.0.0/8'] });
  provider = connect();
});
afterEach(async () => {
  await provider.close();
  await http.close();
  await fake.close();
});
const shapes = (): unknown[] => fake.inbox.map(({ message }) => message.msgtype);

describe('card of a to-do', () => {
  it('has a button that opens the link', () => {
    expect(wecomTodoCard(todo('a', { ref: 'r-1', attempt: 2 }))?.template_card).toEqual({
      card_type: 'button_interaction',
      source: { desc: 'OA' },
      main_title: { title: '请假审批' },
      sub_title_text: '张三请假三天',
      card_action: { type: 1, url },
      task_id: 'r-1-2',
      button_list: [{ type: 1, url, text: '去处理', style: 1 }],
    });
  });

  it('says no words twice and takes those of its button from the message', () => {
    const card = wecomTodoCard(todo('a', { content: { text: '只有正文', url, buttonText: '立即处理这条待办事项吧' } }));
    expect(card?.template_card).toMatchObject({
      main_title: { title: '只有正文' },
      button_list: [{ text: '立即处理这条待办事项' }],
    });
    expect(card?.template_card).not.toHaveProperty('sub_title_text');
  });

  it.each<[string, Partial<OutboundDelivery>]>([
    ['is no to-do', { isTodo: undefined }],
    ['has no link', { content: { title: 'T', text: 'words' } }],
    ['asks for markdown', { content: { ...content, format: 'markdown' } }],
  ])('is not made of what %s', (_title, more) => expect(wecomTodoCard(todo('a', more))).toBeNull());

  it('is never cut inside what people see as one', () => {
    const family = '👨‍👩‍👧';
    const card = wecomTodoCard(
      todo('a', {
        content: { title: 't', url, buttonText: `一二三四五六七八${family}` },
        source: `${'应'.repeat(18)}${family}`,
      }),
    );
    expect(JSON.stringify(card)).toContain('"一二三四五六七八"');
    expect(JSON.stringify(card)).toContain(`"${'应'.repeat(18)}"`);
  });

  it('keeps to the limits without half a character', () => {
    const long = { title: '标题😀'.repeat(200), text: '正文😀'.repeat(2000), url, buttonText: '😀'.repeat(30) };
    const message = wecomTodoCard(todo('a', { content: long, source: '应用😀'.repeat(30) }));
    expect(wecomBodyProblem(message ?? {})).toBeNull();
    expect(JSON.stringify(message)).not.toMatch(/\\ud[89ab]|\ufffd/i);
  });

  it('is one person’s, and shows only him that his to-do is done', async () => {
    const outcomes = await provider.send([todo('a'), todo('b')], never);
    expect(shapes()).toEqual(['template_card', 'template_card']);
    const cards = outcomes.map(({ card }, i) => ({ address: 'ab'.charAt(i), code: card?.code ?? '' }));
    expect(outcomes[0]?.card?.lastsS).toBe(86_400);
    await expect(provider.closeCards?.(cards.slice(0, 1), never)).resolves.toEqual([{ class: 'ok' }]);
    expect(fake.cards.changed).toEqual([{ userId: 'a', button: '已办理' }]);
  });

  it('can be changed once, and within a day', async () => {
    const [first, second] = await provider.send([todo('a'), todo('b')], never);
    const close = async (address: string, code = ''): Promise<unknown> =>
      (await provider.closeCards?.([{ address, code }], never))?.[0]?.class;
    expect(await close('a', first?.card?.code)).toBe('ok');
    expect(await close('a', first?.card?.code)).toBe('bad_content');
    fake.now = () => Date.now() + 25 * 3_600_000;
    expect(await close('b', second?.card?.code)).toBe('bad_content');
  });

  it('is a text card where the account says so', async () => {
    await provider.close();
    provider = connect({ todoCard: false });
    const [outcome] = await provider.send([todo('a')], never);
    expect([shapes(), outcome?.card]).toEqual([['textcard'], undefined]);
  });

  it.each([
    ['does not take', 40058],
    ['answers with a code that nobody knows', 43010],
  ])('goes out as a text card where WeCom %s it', async (_title, code) => {
    fake.refuse(code);
    const [outcome] = await provider.send([todo('a')], never);
    expect([shapes(), outcome?.class]).toEqual([['textcard'], 'ok']);
  });

  it('is not sent in another shape where WeCom is busy, holds the account back or does not know the person', async () => {
    for (const code of [-1, 45009, 60111]) {
      fake.refuse(code);
      await provider.send([todo('a')], never);
    }
    expect(shapes()).toEqual([]);
  });
});
