import { createPrivateKey, type KeyObject } from 'node:crypto';
import { ValidatorConstraint, type ValidationArguments, type ValidatorConstraintInterface } from 'class-validator';

/** The key, or null where the text is no private key of that type in PEM form. */
export function readPrivateKey(pem: unknown, type: 'rsa' | 'ec'): KeyObject | null {
  if (typeof pem !== 'string' || pem.length > MAX_PEM) return null;
  try {
    const key = createPrivateKey(pem);
    const isCurve = type !== 'ec' || key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
    return key.asymmetricKeyType === type && isCurve ? key : null;
  } catch {
    return null;
  }
}

const MAX_PEM = 16_384;

/** `@Validate(IsPrivateKey, ['rsa'])`; `ec` is a key on the curve P-256. */
@ValidatorConstraint()
export class IsPrivateKey implements ValidatorConstraintInterface {
  validate(value: unknown, { constraints }: ValidationArguments): boolean {
    return readPrivateKey(value, (constraints as ['rsa' | 'ec'])[0]) !== null;
  }

  defaultMessage({ property, constraints }: ValidationArguments): string {
    const kind = (constraints as ['rsa' | 'ec'])[0] === 'rsa' ? 'an RSA key' : 'a key on the curve P-256';
    return `${property} must be ${kind} in PEM form, from -----BEGIN PRIVATE KEY----- to the end, with its line breaks`;
  }
}
