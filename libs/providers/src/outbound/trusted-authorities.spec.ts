import { rootCertificates } from 'node:tls';
import { expect, it } from '@jest/globals';
import { SMTP_CERTIFICATE } from '../../../../test/support/fakes/smtp-certificate.js';
import { trustedAuthorities } from './trusted-authorities.js';

it('trusts one more besides the public ones', () => {
  const trusted = trustedAuthorities(SMTP_CERTIFICATE);
  expect(trusted).toContain(SMTP_CERTIFICATE);
  expect(trusted).toEqual(expect.arrayContaining([...rootCertificates]));
});
