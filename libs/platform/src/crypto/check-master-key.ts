import type { INestApplicationContext } from '@nestjs/common';
import { AppError, SealedSecrets } from '#contracts';
import { SecretBox } from './secret-box.js';

/**
 * Called once by the main of a process, before it serves anybody. A key that opens nothing of what is stored is the wrong one;
 * where it opens some, the rest is of a former key and its owners are told when they come.
 * @throws AppError `MASTER_KEY_WRONG` (permanent) with a line for the operator
 */
export async function checkMasterKey(app: INestApplicationContext): Promise<void> {
  const box = app.get(SecretBox, { strict: false });
  const stored = await app.get(SealedSecrets, { strict: false }).newest();
  if (stored.length === 0 || stored.some(({ sealed, place }) => box.canOpen(sealed, place))) return;
  throw new AppError(
    'MASTER_KEY_WRONG',
    'permanent',
    'MASTER_KEY opens none of the secrets stored in this database: give the key they were stored with, as MASTER_KEY or, for a new key, as MASTER_KEY_PREVIOUS. If it is lost, see "Backup" in docs/operations.md.',
  );
}
