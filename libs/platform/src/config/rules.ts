import { buildMessage, ValidateBy, type ValidationOptions } from 'class-validator';
import { parseMasterKey } from '../crypto/master-key.js';
import { isIpRange } from '../net/ip-ranges.js';
import { isLoopbackHost } from '../net/loopback.js';

const rule =
  (name: string, words: string, accepts: (value: string) => boolean) =>
  (options?: ValidationOptions): PropertyDecorator =>
    ValidateBy(
      {
        name,
        validator: {
          validate: (value: unknown) => typeof value === 'string' && accepts(value),
          defaultMessage: buildMessage((each) => `${each}$property ${words}`, options),
        },
      },
      options,
    );

const hasScheme = (value: string, schemes: readonly string[]): boolean => {
  try {
    const url = new URL(value);
    return schemes.includes(url.protocol) && url.hostname !== '';
  } catch {
    return false;
  }
};

/** @param value a URL */
export const isOnThisMachine = (value: string): boolean => isLoopbackHost(new URL(value).hostname);

/** An IP address or CIDR range. `true` and hop counts are no ranges: both let callers forge their address. */
export const IsIpRange = rule('isIpRange', 'must be an IP address or CIDR range such as 10.0.0.0/8', isIpRange);

export const IsPostgresUrl = rule('isPostgresUrl', 'must be a postgres:// URL', (value) =>
  hasScheme(value, ['postgres:', 'postgresql:']),
);

export const IsAmqpUrl = rule('isAmqpUrl', 'must be an amqp:// or amqps:// URL', (value) =>
  hasScheme(value, ['amqp:', 'amqps:']),
);

/** Origin and optional path under which the center is reached; links are built by appending to it. */
export const IsBaseUrl = rule(
  'isBaseUrl',
  'must be an http(s) URL without user, query and fragment',
  (value) => hasScheme(value, ['http:', 'https:']) && !/[?#@\s]/.test(value),
);

/** Over plain http anybody on the way could sign in as anybody, so only an issuer on this machine may use it. */
export const IsIssuerUrl = rule(
  'isIssuerUrl',
  'must be an https URL without user, query and fragment (http on a loopback address only)',
  (value) =>
    !/[?#@\s]/.test(value) && (hasScheme(value, ['https:']) || (hasScheme(value, ['http:']) && isOnThisMachine(value))),
);

export const IsMasterKey = rule(
  'isMasterKey',
  'must be 32 bytes as 64 hex digits or as base64',
  (value) => parseMasterKey(value) !== null,
);

/** Less than published would refuse what callers rely on; vendors take 4096 bytes at most. */
export const IsPayloadLimits = rule(
  'isPayloadLimits',
  'must be two numbers of bytes such as 1024,256: from 1024 and from 256, up to 4096',
  (value) => {
    const [any = 0, ios = 0] = /^\d{1,4},\d{1,4}$/.test(value) ? value.split(',').map(Number) : [];
    return any >= 1024 && any <= 4096 && ios >= 256 && ios <= any;
  },
);
