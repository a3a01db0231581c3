import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DryRunRepository, ReplayRepository } from '#entities';
import { coreSteps, only, type CoreSteps } from '../support/core-steps.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  await mc.addApp('other');
});
beforeEach(async () => {
  await mc.rows(`DELETE FROM provider_account WHERE channel = 'wechat'`);
  await mc.rows(`INSERT INTO provider_account (channel, id, provider) VALUES ('wechat', 'main', 'scripted')`);
});
afterEach(async () => {
  mc.provider.reset();
  await mc.rows('DELETE FROM public_account');
});
afterAll(() => mc.close());

const keepsTheBooks = (): void =>
  afterEach(async () => {
    await mc.fold();
    expect(await mc.violations()).toEqual([]);
  });

interface Follower {
  publicId: string;
  openid: string;
  appId?: string;
}

const publicAccount = async (publicId: string, clientApps: string[] = [], isEnabled = true): Promise<void> => {
  await mc.rows('INSERT INTO public_account (public_id, name, client_apps) VALUES ($1, $1, $2)', [
    publicId,
    clientApps,
  ]);
  await mc.rows(`INSERT INTO provider_account (channel, id, provider, enabled) VALUES ('wechat', $1, 'scripted', $2)`, [
    publicId,
    isEnabled,
  ]);
};
let people = 0;
/** A person who follows these accounts. */
const person = async (...follows: Follower[]): Promise<string> => {
  const userId = `person${people++}`;
  await mc.addUser(userId);
  for (const { publicId, openid, appId = '' } of follows)
    await mc.rows(
      `INSERT INTO recipient_address (user_id, channel, app_id, account, address) VALUES ($1, 'wechat', $2, $3, $4)`,
      [userId, appId, publicId, openid],
    );
  return userId;
};
const template = (publicId?: string): Promise<number> =>
  mc.addTemplate(`t-${publicId}`, { wechat: { templateId: 'x', ...(publicId ? { publicId } : {}) } });
/** The openid and the account of the message's only delivery, or the code of its failure. */
const chosen = async (messageId: string): Promise<unknown> => {
  const { address, account, error_code } = await mc.row(
    'SELECT address, account, error_code FROM delivery WHERE message_id = $1',
    [messageId],
  );
  return error_code ?? [address, account];
};
const toWechat = async (userId: string, appId = 'app'): Promise<unknown> =>
  chosen(await mc.send({ to: { users: [{ id: userId }] }, ...only('wechat') }, appId));

const waysOf = (messageId: string): Promise<object[]> =>
  mc.rows('SELECT channel, address, account FROM delivery WHERE message_id = $1 ORDER BY seq', [messageId]);

const ofA = { publicId: 'gh-a', openid: 'o-a' };
const ofB = { publicId: 'gh-b', openid: 'o-b' };

describe('a person on WeChat is reached', () => {
  keepsTheBooks();

  it('through the followed account that is bound to the sending app', async () => {
    await publicAccount('gh-a');
    await publicAccount('gh-b', ['app']);
    const both = await person(ofA, ofB);
    expect(await toWechat(both)).toEqual(['o-b', 'gh-b']);
    expect(await toWechat(both, 'other')).toEqual(['o-a', 'gh-a']);
  });

  it('through one that is open to all where no bound one is followed', async () => {
    await publicAccount('gh-a');
    await publicAccount('gh-b', ['app']);
    expect(await toWechat(await person(ofA))).toEqual(['o-a', 'gh-a']);
  });

  it('never through one that is bound to other apps, disabled or gone', async () => {
    await publicAccount('gh-a', ['other']);
    await publicAccount('gh-b', [], false);
    expect(await toWechat(await person(ofA, ofB, { publicId: 'gh-gone', openid: 'o-gone' }))).toBe('no_address');
  });

  it('never at a suspended address', async () => {
    await publicAccount('gh-a');
    await publicAccount('gh-b');
    const both = await person(ofA, ofB);
    await mc.rows(`UPDATE recipient_address SET suspended_at = now() WHERE user_id = $1 AND account = 'gh-a'`, [both]);
    expect(await toWechat(both)).toEqual(['o-b', 'gh-b']);
  });

  it('at the openid that the app registered, and by nobody else', async () => {
    await publicAccount('gh-a');
    const registered = await person({ ...ofA, appId: 'app' });
    expect(await toWechat(registered)).toEqual(['o-a', 'gh-a']);
    expect(await toWechat(registered, 'other')).toBe('no_address');
  });

  it('at the administrator’s openid rather than at the app’s own of the same account', async () => {
    await publicAccount('gh-a');
    expect(await toWechat(await person({ ...ofA, openid: 'o-app', appId: 'app' }, ofA))).toEqual(['o-a', 'gh-a']);
  });

  it('through the app’s own account where the openid names none', async () => {
    await publicAccount('gh-a');
    await publicAccount('gh-b', ['app']);
    expect(await toWechat(await person({ publicId: '', openid: 'o-x' }))).toEqual(['o-x', 'gh-b']);
  });

  it('through the channel’s accounts, whatever the openid names, where there is no public account', async () => {
    expect(await toWechat(await person({ publicId: '', openid: 'o-x' }))).toEqual(['o-x', null]);
    expect(await toWechat(await person(ofB))).toEqual(['o-b', null]);
  });
});

describe('a template that names a public account', () => {
  keepsTheBooks();

  const send = async (publicId: string, userId: string): Promise<string> => {
    await template(publicId);
    const to = { users: [{ id: userId }] };
    return mc.send({ to, template: { code: `t-${publicId}` }, ...only('wechat') });
  };

  it('goes out through that one only', async () => {
    await publicAccount('gh-a', ['app']);
    await publicAccount('gh-b');
    const both = await person(ofA, ofB);
    expect(await chosen(await send('gh-b', both))).toEqual(['o-b', 'gh-b']);
    expect(await chosen(await send('gh-a', await person(ofB)))).toBe('no_address');
  });

  it('reaches nobody through an account that other apps own', async () => {
    await publicAccount('gh-a', ['other']);
    expect(await chosen(await send('gh-a', await person(ofA)))).toBe('no_address');
  });

  it('is told by a dry run', async () => {
    await publicAccount('gh-a');
    await publicAccount('gh-b');
    const both = await person(ofA, ofB);
    const steps = [{ channel: 'wechat' as const }];
    const question = { clientAppId: 'app', audience: { users: [{ id: both }] } };
    const answer = (publicAccountId?: string): Promise<unknown> =>
      mc
        .get(DryRunRepository)
        .preview(
          { ...question, plan: { mode: 'list', steps, ...(publicAccountId && { publicAccount: publicAccountId }) } },
          10,
        );
    expect(await answer()).toMatchObject([{ address: 'o-a' }]);
    expect(await answer('gh-b')).toMatchObject([{ address: 'o-b' }]);
    expect(await answer('gh-none')).toMatchObject([{ address: null }]);
  });
});

describe('an openid of somebody outside the directory', () => {
  keepsTheBooks();

  const to = { addresses: [{ channel: 'wechat' as const, address: 'o-out' }] };
  const send = async (): Promise<unknown> => chosen(await mc.send({ to, ...only('wechat') }));

  it('is taken for one of the app’s own account', async () => {
    await publicAccount('gh-a');
    await publicAccount('gh-b', ['app']);
    expect(await send()).toEqual(['o-out', 'gh-b']);
  });

  it('cannot be used where the app may use no account', async () => {
    await publicAccount('gh-a', ['other']);
    expect(await send()).toBe('no_address');
  });

  it('goes through the channel’s accounts where there is no public account', async () => {
    expect(await send()).toEqual(['o-out', null]);
  });

  it('changes nothing for addresses of other channels', async () => {
    await publicAccount('gh-a', ['other']);
    const id = await mc.send({ to: { addresses: [{ channel: 'mail', address: 'a@example.com' }] }, ...only('mail') });
    expect(await chosen(id)).toEqual(['a@example.com', null]);
  });
});

describe('a chain', () => {
  keepsTheBooks();

  it('falls back to WeChat through the account that the fan-out would choose', async () => {
    await publicAccount('gh-a');
    await publicAccount('gh-b', ['app']);
    const userId = await person(ofA, ofB);
    await mc.rows(`INSERT INTO recipient_address (user_id, channel, address) VALUES ($1, 'wecom', 'w1')`, [userId]);
    mc.provider.on('wecom', { class: 'bad_recipient' });
    const id = await mc.send({ to: { users: [{ id: userId }] } });
    await mc.work('wecom');
    expect(await waysOf(id)).toEqual([
      { channel: 'wecom', address: 'w1', account: null },
      { channel: 'wechat', address: 'o-b', account: 'gh-b' },
    ]);
  });
});

it('a dead letter is replayed through the account of today', async () => {
  await publicAccount('gh-a');
  const userId = await person({ ...ofA, openid: 'o-dead' }, ofB);
  mc.provider.on('wechat', { class: 'bad_content' });
  const id = await mc.send({ to: { users: [{ id: userId }] }, ...only('wechat') });
  await mc.refresh();
  await mc.work('wechat');
  expect(mc.provider.sentTo('o-dead').map(({ account }) => account)).toEqual(['wechat:gh-a']);
  await mc.fold();
  await publicAccount('gh-b', ['app']);
  const filter = { messageId: id };
  const request = { filter, perSecond: 100, actor: 'admin', ip: null, idempotency: null };
  expect(await mc.get(ReplayRepository).replay(request)).toMatchObject({ replayed: 1 });
  expect(await waysOf(id)).toEqual([
    { channel: 'wechat', address: 'o-dead', account: 'gh-a' },
    { channel: 'wechat', address: 'o-b', account: 'gh-b' },
  ]);
});
