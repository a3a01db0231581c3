import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { SealedSecrets, type SealedSecret } from '#contracts';
import { checkMasterKey } from './check-master-key.js';
import { SecretBox } from './secret-box.js';

const former = randomBytes(32);
const current = randomBytes(32);
const sealedBy = (key: Buffer, place: string): SealedSecret => ({ sealed: new SecretBox(key).seal('s', place), place });

/** Of a process with this box, on a database with these secrets. */
const check = (box: SecretBox, stored: SealedSecret[]): Promise<void> => {
  const parts = new Map<unknown, unknown>([
    [SecretBox, box],
    [SealedSecrets, { newest: () => Promise.resolve(stored) }],
  ]);
  return checkMasterKey({ get: (token: unknown) => parts.get(token) } as INestApplicationContext);
};

describe('checkMasterKey', () => {
  it('refuses a key that opens nothing of what is stored, and tells what to do', async () => {
    const stored = [sealedBy(former, 'app:1'), sealedBy(former, 'account:1')];
    await expect(check(new SecretBox(current), stored)).rejects.toMatchObject({
      code: 'MASTER_KEY_WRONG',
      kind: 'permanent',
      message: expect.stringContaining('MASTER_KEY_PREVIOUS'),
    });
  });

  it('takes the key, a new one beside the former, and a new one once something is sealed with it', async () => {
    const stored = [sealedBy(former, 'app:1')];
    await expect(check(new SecretBox(former), stored)).resolves.toBeUndefined();
    await expect(check(new SecretBox(current, [former]), stored)).resolves.toBeUndefined();
    await expect(check(new SecretBox(current), [...stored, sealedBy(current, 'app:2')])).resolves.toBeUndefined();
  });

  it('takes any key where nothing is stored', async () => {
    await expect(check(new SecretBox(current), [])).resolves.toBeUndefined();
  });
});
