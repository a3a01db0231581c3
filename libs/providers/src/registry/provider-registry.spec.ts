import { OUTGOING_CHANNELS } from '#contracts';
import { GuardedHttp } from '#platform';
import { afterEach, describe, expect, it } from '@jest/globals';
import { outbound } from '../../../../test/support/channel-provider.conformance.js';
import type { ChannelProvider, Outcome, ProviderAccount, ProviderFactory } from '../port/channel-provider.port.js';
import { SandboxFactory } from '../sandbox/sandbox.factory.js';
import { SandboxSettings } from '../sandbox/sandbox.settings.js';
import { SmtpFactory } from '../smtp/smtp.factory.js';
import { WebhookFactory } from '../webhook/webhook.factory.js';
import { ProviderRegistry } from './provider-registry.js';

const http = new GuardedHttp({ allow: [] });
const store = { store: () => Promise.resolve(), scheduleReceipts: () => Promise.resolve() };
const registries: ProviderRegistry[] = [];
const registryOf = (...factories: ProviderFactory[]): ProviderRegistry => {
  const registry = new ProviderRegistry(factories);
  registries.push(registry);
  return registry;
};
const all = (): ProviderRegistry => registryOf(new SandboxFactory(store), new SmtpFactory(), new WebhookFactory(http));
const account = (settings: Record<string, unknown>, id = 'a1'): ProviderAccount => ({
  id,
  channel: 'mail',
  provider: 'smtp',
  settings,
});
const smtp = { host: 'mail.test', from: 'notice@mc.test' };

afterEach(async () => {
  await Promise.all(registries.splice(0).map((registry) => registry.closeAll()));
});

describe('settings of a provider', () => {
  it.each([
    ['mail', 'smtp', smtp],
    [
      'mail',
      'smtp',
      {
        ...smtp,
        port: 465,
        secure: true,
        user: 'u',
        pass: 'p',
        fromName: '中心',
        replyTo: 'r@mc.test',
        maxConnections: 10,
      },
    ],
    ['webhook', 'webhook', {}],
    ['webhook', 'webhook', { secret: `whsec_${Buffer.alloc(32).toString('base64')}`, timeoutMs: 1000 }],
    ['webhook', 'webhook', { secret: `whsec_${Buffer.alloc(24).toString('base64')}` }],
    ['webhook', 'webhook', { secret: `whsec_${Buffer.alloc(64).toString('base64')}` }],
    ['sms', 'sandbox', {}],
    ['wecom', 'sandbox', { latencyMs: 5 }],
  ] as const)('of %s/%s %j are fine', (channel, provider, settings) => {
    expect(all().settingsProblems(channel, provider, settings)).toEqual([]);
  });

  it.each([
    ['mail', 'smtp', {}, ['from', 'host']],
    ['mail', 'smtp', { ...smtp, port: '587' }, ['port']],
    ['mail', 'smtp', { ...smtp, port: 0 }, ['port']],
    ['mail', 'smtp', { ...smtp, secure: 'yes' }, ['secure']],
    ['mail', 'smtp', { ...smtp, user: 'u' }, ['pass']],
    ['mail', 'smtp', { ...smtp, from: 'a@x.test, b@x.test' }, ['from']],
    ['mail', 'smtp', { ...smtp, fromName: 'x\r\nBcc: y' }, ['fromName']],
    ['mail', 'smtp', { ...smtp, host: 'a b' }, ['host']],
    ['mail', 'smtp', { ...smtp, dkimDomain: 'mc.test' }, ['dkimPrivateKey', 'dkimSelector']],
    ['mail', 'smtp', { ...smtp, pasword: 'x' }, ['pasword']],
    ['webhook', 'webhook', { secret: 'plain' }, ['secret']],
    ['webhook', 'webhook', { concurrency: 1e9 }, ['concurrency']],
    ['mail', 'nobody', {}, ['provider']],
    ['sms', 'smtp', smtp, ['provider']],
  ] as [Parameters<ProviderRegistry['settingsProblems']>[0], string, Record<string, unknown>, string[]][])(
    'of %s/%s %j are refused naming %j',
    (channel, provider, settings, fields) => {
      const problems = all().settingsProblems(channel, provider, settings);
      expect([...new Set(problems.map(({ field }) => field))].sort()).toEqual(fields);
      for (const { field, detail } of problems) expect(detail).toContain(field);
    },
  );

  it('cannot reach a prototype', () => {
    const settings = JSON.parse(
      '{"host":"h","from":"a@x.test","__proto__":{"secure":"x"},"constructor":1}',
    ) as typeof smtp;
    expect(all().settingsProblems('mail', 'smtp', settings)).toEqual([]);
    expect(all().open(account(settings)).name).toBe('smtp');
    expect({}).not.toHaveProperty('secure');
  });

  it('are never repeated in a problem', () => {
    const problems = all().settingsProblems('mail', 'smtp', {
      ...smtp,
      pass: 5,
      host: 'can ary',
      from: 'canary',
      canary2: 'canary',
    });
    expect(JSON.stringify(problems.map(({ detail }) => detail))).not.toMatch(/canary(?!2)|can ary/);
  });

  it('name which of them are write-only', () => {
    expect(all().secretSettings('mail', 'smtp')).toEqual(['pass', 'dkimPrivateKey', 'callbackToken']);
    expect(all().secretSettings('webhook', 'webhook')).toEqual(['secret', 'previousSecret']);
    expect(() => all().secretSettings('mail', 'x')).toThrow(
      expect.objectContaining({ code: 'unknown_provider', kind: 'permanent' }),
    );
  });
});

describe('registry', () => {
  it('knows which providers serve a channel', () => {
    expect(all().providersOf('mail')).toEqual(['sandbox', 'smtp']);
    for (const channel of OUTGOING_CHANNELS) expect(all().providersOf(channel)).toContain('sandbox');
    expect(all().providersOf('portal')).toEqual([]);
  });

  it('keeps one instance an account while its settings stand, whatever the order of their keys', () => {
    const registry = all();
    const first = registry.open(account({ host: 'mail.test', from: 'notice@mc.test' }));
    expect(registry.open(account({ from: 'notice@mc.test', host: 'mail.test' }))).toBe(first);
    expect(registry.open(account(smtp, 'a2'))).not.toBe(first);
  });

  it('opens a new instance when settings change and closes the old one after its running send', async () => {
    const made: Scripted[] = [];
    const registry = registryOf(scripted(made));
    const before = { id: 'a', channel: 'sms' as const, provider: 'scripted', settings: { latencyMs: 1 } };
    const old = registry.open(before);
    const sending = old.send([outbound('1')], new AbortController().signal);
    const next = registry.open({ ...before, settings: { latencyMs: 2 } });
    expect(next).not.toBe(old);
    expect(made.map(({ closed }) => closed)).toEqual([1, 0]);
    await expect(sending).resolves.toEqual([{ class: 'ok' }]);
    await registry.closeAll();
    expect(made.map(({ closed }) => closed)).toEqual([1, 1]);
  });

  it('refuses wrong settings, unknown providers and, once closed, everything', async () => {
    const registry = all();
    expect(() => registry.open(account({}))).toThrow(
      expect.objectContaining({ code: 'bad_provider_settings', kind: 'permanent' }),
    );
    expect(() => registry.open({ ...account(smtp), provider: 'x' })).toThrow(
      expect.objectContaining({ code: 'unknown_provider' }),
    );
    await registry.closeAll();
    expect(() => registry.open(account(smtp))).toThrow(expect.objectContaining({ kind: 'transient' }));
  });

  it('keeps the old instance when the new settings are wrong', () => {
    const registry = all();
    const good = registry.open(account(smtp));
    expect(() => registry.open(account({ ...smtp, port: -1 }))).toThrow(
      expect.objectContaining({ code: 'bad_provider_settings' }),
    );
    expect(registry.open(account(smtp))).toBe(good);
  });

  it('survives an adapter that fails to close', async () => {
    const made: Scripted[] = [];
    const registry = registryOf(scripted(made, new Error('stuck')));
    registry.open({ id: 'a', channel: 'sms', provider: 'scripted', settings: {} });
    await expect(registry.closeAll()).resolves.toBeUndefined();
  });

  it('has the account’s provider read what came to its receipt address, if it reads such things at all', async () => {
    const request = { method: 'POST' as const, query: {}, headers: {}, body: Buffer.from('hello'), ip: '127.0.0.1' };
    const receiving: ProviderFactory = {
      ...scripted([]),
      receive: ({ id }, { body }) => ({ status: 200, contentType: 'text/plain', body: `${id} ${body}`, news: {} }),
    };
    const scriptedAccount = { id: 'sms:a', channel: 'sms' as const, provider: 'scripted', settings: {} };
    await expect(registryOf(receiving).receive(scriptedAccount, request)).resolves.toMatchObject({
      body: 'sms:a hello',
    });
    await expect(registryOf(scripted([])).receive(scriptedAccount, request)).resolves.toBeNull();
    await expect(all().receive({ ...scriptedAccount, provider: 'x' }, request)).resolves.toBeNull();
  });

  it('ends the accounts that are used no more, and opens them again when they are', async () => {
    const registry = all();
    const kept = registry.open(account(smtp, 'kept'));
    const dropped = registry.open(account(smtp, 'dropped'));
    registry.closeUnused(new Set(['kept']));
    const [outcome] = await dropped.send([outbound('a@x.test')], new AbortController().signal);
    expect(outcome).toMatchObject({ class: 'retry', code: 'provider_closed' });
    expect(registry.open(account(smtp, 'kept'))).toBe(kept);
    expect(registry.open(account(smtp, 'dropped'))).not.toBe(dropped);
  });

  it('knows whose accounts are to be open though there is nothing to send', () => {
    const registry = registryOf(new SmtpFactory(), { ...scripted([]), keepsConnection: true });
    expect(registry.keepsConnection('sms', 'scripted')).toBe(true);
    expect(registry.keepsConnection('mail', 'smtp')).toBe(false);
    expect(registry.keepsConnection('mail', 'nobody')).toBe(false);
  });

  it('refuses two factories for one name', () => {
    expect(() => new ProviderRegistry([new SmtpFactory(), new SmtpFactory()])).toThrow(
      expect.objectContaining({ kind: 'bug' }),
    );
  });
});

interface Scripted extends ChannelProvider {
  closed: number;
}

/** Counts its closings; its sends take a turn of the event loop. */
function scripted(made: Scripted[], closeError?: Error): ProviderFactory {
  return {
    provider: 'scripted',
    channels: ['sms'],
    settings: SandboxSettings,
    secretSettings: [],
    create: () => {
      const provider: Scripted = {
        channel: 'sms',
        name: 'scripted',
        maxBatch: 1,
        isIdempotent: true,
        closed: 0,
        send: async (batch) => {
          await new Promise((resolve) => setImmediate(resolve));
          return batch.map((): Outcome => ({ class: 'ok' }));
        },
        close: () => {
          provider.closed++;
          return closeError ? Promise.reject(closeError) : Promise.resolve();
        },
      };
      made.push(provider);
      return provider;
    },
  };
}
