import type { KeyObject } from 'node:crypto';
import { AppError } from '#contracts';
import { sha256 } from '#platform';
import type { FetchedToken } from '../port/token-custody.port.js';
import { readPrivateKey } from '../push/private-key.js';
import { signedJwt } from '../push/signed-jwt.js';
import type { ApnsSettings } from './apns.settings.js';

/** Apple takes a token for an hour; it is replaced some minutes before. */
const LIFE_S = 3000;
/** Apple blocks a connection on which new tokens come more often. */
export const YOUNG_S = 20 * 60;

/** The token with which a key calls Apple. All processes use the same one: see `TokenCustody`. */
export class ProviderToken {
  /** Under which it is kept. */
  readonly name: string;
  private readonly key: KeyObject;

  constructor(private readonly settings: Pick<ApnsSettings, 'keyId' | 'teamId' | 'privateKey'>) {
    const { keyId, teamId, privateKey } = settings;
    const key = readPrivateKey(privateKey, 'ec');
    if (!key) throw new AppError('bad_provider_settings', 'permanent', 'privateKey is no key on the curve P-256');
    this.key = key;
    this.name = `apns:${sha256(`${teamId}\n${keyId}\n${privateKey}`).toString('base64url')}`;
  }

  /** A new one; nobody is asked for it. */
  make(): Promise<FetchedToken> {
    const { teamId, keyId } = this.settings;
    const token = signedJwt(this.key, { iss: teamId, iat: Math.floor(Date.now() / 1000) }, keyId);
    return Promise.resolve({ token, expiresInS: LIFE_S });
  }
}

/** Whether another one may not be made yet: then a refusal is not due to its age. */
export function isYoung(token: string, nowMs: number): boolean {
  try {
    const { iat } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { iat?: number };
    return typeof iat === 'number' && nowMs / 1000 - iat < YOUNG_S;
  } catch {
    return false;
  }
}
