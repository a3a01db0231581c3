import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChannelTestAnswerer } from '../../../apps/channel-worker/src/real-time/channel-test.answerer.js';
import type { ChannelTestV1 } from '#contracts';
import { coreSteps, type CoreSteps } from '../../support/core-steps.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
});
afterAll(() => mc.close());

const sentBy = async (more: Partial<ChannelTestV1>): Promise<unknown> => {
  mc.provider.reset();
  await mc.get(ChannelTestAnswerer).test({ channel: 'mail', address: 'me@example.com', ...more });
  return mc.provider.sent.map(({ content }) => content);
};

describe('the content of a channel test', () => {
  it('is a text of the center’s own', async () => {
    expect(await sentBy({})).toEqual([{ title: 'Message Center', text: expect.stringContaining('消息中心测试消息') }]);
  });

  it('is what the administrator gives', async () => {
    expect(await sentBy({ text: '您好' })).toEqual([{ title: 'Message Center', text: '您好' }]);
    expect(await sentBy({ templateId: 'T1', params: { thing1: '会议' } })).toMatchObject([
      { templateId: 'T1', params: { thing1: '会议' } },
    ]);
    expect(await sentBy({ templateId: 'T1' })).toMatchObject([{ templateId: 'T1', params: {} }]);
  });
});
