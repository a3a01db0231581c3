import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SecretBox } from '#platform';
import { AccountSecrets, type StoredAccount } from './account-secrets.js';

const secrets = new AccountSecrets(new SecretBox(randomBytes(32)));
const stored = (over: Partial<StoredAccount> = {}): StoredAccount => ({
  channel: 'sms',
  id: 'main',
  provider: 'aliyun',
  settings: { signName: 'us' },
  secrets: secrets.seal('sms', 'main', { accessKeySecret: 's3cret' }),
  ...over,
});

describe('secrets of an account', () => {
  it('come back beside its settings, under the name its receipts are kept by', () => {
    expect(secrets.accountOf(stored())).toEqual({
      id: 'sms:main',
      channel: 'sms',
      provider: 'aliyun',
      settings: { signName: 'us', accessKeySecret: 's3cret' },
    });
    expect(stored().secrets?.includes('s3cret')).toBe(false);
  });

  it('are nothing where there are none', () => {
    expect(secrets.seal('sms', 'main', {})).toBeNull();
    expect(secrets.open(stored({ secrets: null }))).toEqual({});
  });

  it('do not open in another account’s row, nor without the key', () => {
    const other = new AccountSecrets(new SecretBox(randomBytes(32)));
    for (const open of [() => secrets.open(stored({ id: 'other' })), () => other.open(stored())])
      expect(open).toThrow(expect.objectContaining({ code: 'account_sealed', kind: 'transient' }));
  });
});
