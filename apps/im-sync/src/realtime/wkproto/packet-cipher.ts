import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

const KEY_BYTES = 32;

/** Enciphers payloads and signs packets of one connection: AES-128-CBC, and MD5 of an enciphered text as its signature. */
export class PacketCipher {
  private readonly key: Buffer;
  private readonly iv: Buffer;

  /** @param key 16 characters @param iv 16 characters */
  constructor(key: string, iv: string) {
    this.key = Buffer.from(key, 'latin1');
    this.iv = Buffer.from(iv, 'latin1');
  }

  /** Base64, as it stands in a packet. */
  encrypt(plain: Buffer | string): string {
    const cipher = createCipheriv('aes-128-cbc', this.key, this.iv);
    const start =
      typeof plain === 'string' ? cipher.update(plain, 'utf8', 'base64') : cipher.update(plain, undefined, 'base64');
    return start + cipher.final('base64');
  }

  /** Null: nothing that was enciphered with this key. */
  decrypt(wirePayload: Buffer): Buffer | null {
    try {
      const decipher = createDecipheriv('aes-128-cbc', this.key, this.iv);
      return Buffer.concat([decipher.update(Buffer.from(wirePayload.toString('latin1'), 'base64')), decipher.final()]);
    } catch {
      return null;
    }
  }

  /** @param text the parts of the packet that are signed, one after the other */
  sign(text: string): string {
    return hash('md5', this.encrypt(text), 'hex');
  }
}

/** Our half of a key agreement. */
export interface AgreedKey {
  /** Base64. */
  serverKey: string;
  /** 16 characters: the initialisation vector. */
  salt: string;
  cipher: PacketCipher;
}

/** @param clientKey base64 of an X25519 public key. Null: it is none. */
export function agreeOnKey(clientKey: string, own = generateKeyPairSync('x25519'), salt = newSalt()): AgreedKey | null {
  const raw = Buffer.from(clientKey, 'base64');
  if (raw.length !== KEY_BYTES) return null;
  const shared = sharedSecret(own.privateKey, raw);
  if (!shared) return null;
  const { x = '' } = own.publicKey.export({ format: 'jwk' });
  const serverKey = Buffer.from(x, 'base64url').toString('base64');
  return { serverKey, salt, cipher: new PacketCipher(cipherKeyOf(shared), salt) };
}

/** Of both sides the same. @param shared what X25519 came to */
export const cipherKeyOf = (shared: Buffer): string => hash('md5', shared.toString('base64'), 'hex').slice(0, 16);

/** Null for a point on which every key would come to the same. */
function sharedSecret(privateKey: KeyObject, raw: Buffer): Buffer | null {
  try {
    // As a JWK: the DER form takes five times as long to read, and a login takes little else.
    const key = { kty: 'OKP', crv: 'X25519', x: raw.toString('base64url') };
    const publicKey = createPublicKey({ key, format: 'jwk' });
    return diffieHellman({ privateKey, publicKey });
  } catch {
    return null;
  }
}

const newSalt = (): string => randomBytes(12).toString('base64url');
