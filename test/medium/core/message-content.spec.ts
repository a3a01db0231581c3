import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DeliveryWorkRepository } from '#entities';
import { MessageContent } from '../../../apps/channel-worker/src/delivery/message-content.service.js';
import { coreSteps, only, type CoreSteps } from '../../support/core-steps.js';

/** As many as are kept. */
const KEPT = 1000;

let mc: CoreSteps;
/** Of messages, each with a template version of its own. */
let ids: string[];
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  await mc.addUser('u1', { sms: '13800000001' });
  await mc.addTemplate('many', { portal: { text: 'Hello' } });
  const id = await mc.accept({ to: { users: [{ id: 'u1' }] }, ...only('sms'), template: { code: 'many' } });
  const rows = await mc.rows<{ id: string }>(
    `WITH v AS (
       INSERT INTO template_version (template_id, version, name, params, content)
       SELECT template_id, version + n, name, params, content FROM template_version CROSS JOIN generate_series(1, ${KEPT + 3}) n
       RETURNING id
     )
     INSERT INTO message
     SELECT (jsonb_populate_record(m, jsonb_build_object('template_version_id', v.id,
              'id', overlay(m.id::text PLACING lpad(v.id::text, 12, '0') FROM 25)))).*
       FROM message m CROSS JOIN v WHERE m.id = $1
     RETURNING id`,
    [id],
  );
  ids = rows.map((row) => row.id);
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => mc.close());

describe('the content of a message', () => {
  it('is there although other batches drop what is kept while its own waits', async () => {
    const content = new MessageContent(mc.get(DeliveryWorkRepository));
    await content.load(ids.slice(0, KEPT));
    const [kept = '', ...others] = [ids[0], ...ids.slice(KEPT)];
    const reached = gate();
    const { wait, go } = gate();
    const work = mc.get(DeliveryWorkRepository);
    const read = work.templateVersions.bind(work);
    jest.spyOn(work, 'templateVersions').mockImplementationOnce((versions) => {
      reached.go();
      return wait.then(() => read(versions));
    });
    const slow = content.load([kept, others[0] ?? '']);
    await reached.wait; // else one of the others might be the first to ask
    for (const id of others.slice(1)) await content.load([id]);
    go();
    const messages = await slow;
    expect(messages.size).toBe(2);
    for (const message of messages.values()) expect(content.render(message, 'sms', null)).toEqual({ text: 'Hello' });
  });

  it('of which the template version is not there fails no delivery', async () => {
    const content = new MessageContent(mc.get(DeliveryWorkRepository));
    const id = ids[1] ?? '';
    await mc.rows('DELETE FROM template_version WHERE id = (SELECT template_version_id FROM message WHERE id = $1)', [
      id,
    ]);
    await expect(content.load([id])).rejects.toThrow('template version');
  });
});

function gate(): { wait: Promise<void>; go: () => void } {
  let go = (): void => undefined;
  const wait = new Promise<void>((resolve) => (go = resolve));
  return { wait, go };
}
