import { createHmac, hkdfSync } from 'node:crypto';
import { safeEqual } from './digest.js';

/**
 * Signs the links we hand out, so that who holds one may use it without a sign-in until it expires: base64url HMAC-SHA256.
 * Each purpose has a key of its own, derived from the master key: a link of one page opens no other.
 */
export class LinkSigner {
  private readonly masterKeys: readonly [Buffer, ...Buffer[]];
  /** Derived once per purpose; purposes are constants of the code. */
  private readonly keysOf = new Map<string, Buffer[]>();

  /** `masterKey` signs; links signed with a `previous` one stay valid. 32 bytes each. */
  constructor(masterKey: Buffer, previous: readonly Buffer[] = []) {
    this.masterKeys = [masterKey, ...previous];
  }

  /** @param expiresAtS unix seconds; part of what is signed, so the link has to carry it beside the signature */
  sign(purpose: string, text: string, expiresAtS: number): string {
    return mac(this.keys(purpose)[0] ?? Buffer.alloc(0), text, expiresAtS);
  }

  /**
   * False for an expired link as for a forged one; what is compared takes the same time for either.
   * @param nowMs epoch, by the clock that set the expiry
   */
  verify(purpose: string, text: string, expiresAtS: number, signature: string, nowMs: number): boolean {
    if (!Number.isSafeInteger(expiresAtS) || expiresAtS * 1000 <= nowMs) return false;
    return this.keys(purpose).some((key) => safeEqual(mac(key, text, expiresAtS), signature));
  }

  private keys(purpose: string): Buffer[] {
    const known = this.keysOf.get(purpose);
    if (known) return known;
    const keys = this.masterKeys.map((key) =>
      Buffer.from(hkdfSync('sha256', key, '', `message-center link v1 ${purpose}`, 32)),
    );
    this.keysOf.set(purpose, keys);
    return keys;
  }
}

/** The expiry comes first and ends at a dot, so no text can be read as another expiry and text. */
const mac = (key: Buffer, text: string, expiresAtS: number): string =>
  createHmac('sha256', key).update(`${expiresAtS}.${text}`).digest('base64url');
