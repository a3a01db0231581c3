import { createHash } from 'node:crypto';
import type { NewRelayIdentity, RelayIdentityRow } from '#entities';
import { randomSecret, sha256 } from '#platform';
import type { FieldProblem } from '../http/native-errors.js';
import type { RelayIdentityDto } from './relay-identity.dto.js';

/** The token is shown here and never again. */
export interface IssuedIdentity {
  token: string;
  md5Id: string;
}

export interface RelayIdentityView {
  md5Id: string;
  role: string;
  name: string;
  key: string | null;
  rateExempt: boolean;
  createdAt: string;
}

export const ISSUED_EXAMPLE: IssuedIdentity = {
  token: 'd1f0a3c95b7e4826a0c4f6e8b2d19375',
  md5Id: 'f7f2230b2d63ad8b78ee57853982a93b',
};

export const IDENTITY_EXAMPLE: RelayIdentityView = {
  md5Id: ISSUED_EXAMPLE.md5Id,
  role: 'admin',
  name: '客服',
  key: 'admins',
  rateExempt: false,
  createdAt: '2026-01-05T08:00:00.000Z',
};

export const identityView = ({ adminKey, createdAt, ...rest }: RelayIdentityRow): RelayIdentityView => {
  const { md5Id, role, name, rateExempt } = rest;
  return { md5Id, role, name, key: adminKey, rateExempt, createdAt: createdAt.toISOString() };
};

/** What is wrong with an identity beyond its single fields. */
export function problemOf({ role, key, rateExempt }: RelayIdentityDto): FieldProblem | null {
  if (role === 'admin') return null;
  if (key !== undefined) return { field: 'key', detail: 'only an admin has a key' };
  return rateExempt ? { field: 'rateExempt', detail: 'only an admin can be exempt' } : null;
}

/** The stored form, and what its owner is told. */
export function issue(dto: RelayIdentityDto): { stored: NewRelayIdentity; issued: IssuedIdentity } {
  const token = dto.token ?? randomSecret();
  const md5Id = createHash('md5').update(token).digest('hex');
  return {
    issued: { token, md5Id },
    stored: {
      md5Id,
      tokenHash: sha256(token),
      role: dto.role,
      name: dto.name ?? '',
      adminKey: dto.key ?? null,
      rateExempt: dto.rateExempt ?? false,
    },
  };
}
