import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '#contracts';
import { sha256 } from './digest.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + NONCE_BYTES;

interface Key {
  id: number;
  secret: Buffer;
}

/**
 * Encrypts secrets for storage: AES-256-GCM, layout `key id (1) | nonce (12) | tag (16) | ciphertext`.
 * The additional data names the place the secret belongs to (table, row, field), so a value copied elsewhere does not open.
 * Nonces are random: safe for about 2^32 seals per key, far above what an administrator stores.
 */
export class SecretBox {
  private readonly current: Key;
  private readonly keys: readonly Key[];

  /** `masterKey` seals; `previous` still opens. 32 bytes each. */
  constructor(masterKey: Buffer, previous: readonly Buffer[] = []) {
    this.current = deriveKey(masterKey);
    this.keys = [this.current, ...previous.map(deriveKey)];
  }

  seal(text: string, aad: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.current.secret, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(aad, 'utf8'));
    const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(this.current.id), nonce, cipher.getAuthTag(), ciphertext]);
  }

  /**
   * @throws AppError `SECRET_UNREADABLE` (bug: whoever asks has done nothing wrong, and the text is for the log) when key,
   *   additional data or bytes do not match
   */
  open(sealed: Buffer, aad: string): string {
    const text = this.tryKeys(sealed, aad);
    if (text !== null) return text;
    throw new AppError(
      'SECRET_UNREADABLE',
      'bug',
      'A stored secret cannot be opened: MASTER_KEY is not the one it was stored with (set MASTER_KEY_PREVIOUS), or the row was altered.',
    );
  }

  canOpen(sealed: Buffer, aad: string): boolean {
    return this.tryKeys(sealed, aad) !== null;
  }

  private tryKeys(sealed: Buffer, aad: string): string | null {
    for (const key of this.keys) {
      // Ids are one byte of a digest, so two keys may share one: the tag has the last word.
      const text = sealed[0] === key.id ? tryOpen(key.secret, sealed, aad) : null;
      if (text !== null) return text;
    }
    return null;
  }
}

function deriveKey(masterKey: Buffer): Key {
  if (masterKey.length !== 32) throw new AppError('MASTER_KEY_LENGTH', 'bug', 'A master key has 32 bytes.');
  const secret = Buffer.from(hkdfSync('sha256', masterKey, '', 'message-center secret-box v1', 32));
  return { id: sha256(secret).readUInt8(0), secret };
}

function tryOpen(key: Buffer, sealed: Buffer, aad: string): string | null {
  if (sealed.length < HEADER_BYTES + TAG_BYTES) return null;
  const nonce = sealed.subarray(1, HEADER_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(aad, 'utf8'));
  decipher.setAuthTag(sealed.subarray(HEADER_BYTES, HEADER_BYTES + TAG_BYTES));
  try {
    const text = decipher.update(sealed.subarray(HEADER_BYTES + TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return null; // the tag does not match
  }
}
