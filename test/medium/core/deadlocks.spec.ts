import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database, MessageIntakeRepository } from '#entities';
import { gatewayApp, type GatewayApp } from '../../support/gateway-app.js';
import { newMessage } from '../../support/new-message.js';

let gateway: GatewayApp;
let database: Database;
beforeAll(async () => {
  gateway = await gatewayApp();
  ({ database } = gateway);
  // What PostgreSQL tells the one of two whom it has roll back, as often as asked for. A sequence keeps counting.
  await database.query('CREATE SEQUENCE chosen_victim');
  await database.query(`
    CREATE FUNCTION be_victim(times int, what text) RETURNS int LANGUAGE plpgsql AS $$
    BEGIN
      IF nextval('chosen_victim') <= times THEN RAISE EXCEPTION 'chosen' USING ERRCODE = what; END IF;
      RETURN currval('chosen_victim');
    END $$`);
});
afterAll(() => gateway.close());

const victim = async (times: number, what: string): Promise<Record<string, unknown>[]> => {
  await database.query(`SELECT setval('chosen_victim', 1, false)`);
  return database.query('SELECT be_victim($1, $2) AS tries', [times, what]);
};
const tries = async (): Promise<unknown> =>
  (await database.query('SELECT last_value::int AS tries FROM chosen_victim'))[0]?.['tries'];

describe('a statement that was chosen as the victim', () => {
  it.each(['40P01', '40001'])('of %s is run again, at most three times in all', async (what) => {
    expect(await victim(2, what)).toEqual([{ tries: 3 }]);
    await expect(victim(3, what)).rejects.toMatchObject({ code: what });
    expect(await tries()).toBe(3);
  });

  it('of anything else is not', async () => {
    await expect(victim(1, '22000')).rejects.toMatchObject({ code: '22000' });
    expect(await tries()).toBe(1);
  });

  it('of a commit of messages is stored once, and answered', async () => {
    await database.query(`SELECT setval('chosen_victim', 1, false)`);
    await database.query(`
      CREATE FUNCTION once_victim() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM be_victim(1, '40P01'); RETURN NEW; END $$`);
    await database.query(
      'CREATE TRIGGER once_victim BEFORE INSERT ON work FOR EACH ROW EXECUTE FUNCTION once_victim()',
    );
    await gateway.clientApp();
    const [app] = await database.query<{ app_id: string }>('SELECT app_id FROM client_app LIMIT 1');
    const message = newMessage({ clientAppId: app?.app_id ?? '' });
    const results = await gateway.app.get(MessageIntakeRepository).insert([message]);
    expect(results).toMatchObject([{ kind: 'accepted', messageId: message.id, isNew: true }]);
    expect(await tries()).toBe(2);
    expect(await database.query('SELECT 1 FROM message WHERE id = $1', [message.id])).toHaveLength(1);
  });
});
