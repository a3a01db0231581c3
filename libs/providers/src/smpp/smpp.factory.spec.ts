import { describe, expect, it } from '@jest/globals';
import { RecordingInbox } from '../../../../test/support/fakes/provider-inbox.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { SmppFactory } from './smpp.factory.js';

const registry = new ProviderRegistry([new SmppFactory(new RecordingInbox())]);
const least = { host: 'smpp.test', systemId: 'center', password: 'secret08' };
const problemsOf = (settings: Record<string, unknown>): string[] =>
  registry.settingsProblems('sms', 'smpp', settings).map(({ field }) => field);

describe('settings of an SMPP account', () => {
  it.each([
    least,
    { ...least, password: '' },
    {
      ...least,
      port: 3550,
      tls: true,
      systemType: 'SMPP',
      addressRange: '^1069.*$',
      sourceAddr: 'Center',
      sourceTon: 5,
      window: 100,
      alphabet: 'ucs2',
      destFormat: 'national',
      receiptIdFormat: 'dec-to-hex',
      receiptUtcOffset: '+08:00',
    },
  ])('%j are fine', (settings) => {
    expect(problemsOf(settings)).toEqual([]);
  });

  it.each([
    [{}, ['host', 'password', 'systemId']],
    [{ ...least, host: 'smpp.test/x' }, ['host']],
    [{ ...least, systemId: 'sixteen-letters!' }, ['systemId']],
    [{ ...least, password: 'nine-char' }, ['password']],
    [{ ...least, password: 'a\0b' }, ['password']],
    [{ ...least, sourceAddr: '中心' }, ['sourceAddr']],
    [{ ...least, ca: 'no certificate' }, ['ca']],
    [{ ...least, window: 0 }, ['window']],
    [{ ...least, enquireLinkS: 0 }, ['enquireLinkS']],
    [{ ...least, receiptIdFormat: 'octal' }, ['receiptIdFormat']],
    [{ ...least, receiptUtcOffset: '8' }, ['receiptUtcOffset']],
    [{ ...least, baseUrl: 'http://x' }, ['baseUrl']],
  ])('%j name what is wrong', (settings, fields) => {
    expect(problemsOf(settings)).toEqual(expect.arrayContaining(fields));
    expect(problemsOf(settings)).toHaveLength(fields.length);
  });

  it('keep the password write-only, and the account open', () => {
    expect(registry.secretSettings('sms', 'smpp')).toEqual(['password']);
    expect(registry.keepsConnection('sms', 'smpp')).toBe(true);
  });
});
