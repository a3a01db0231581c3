import { rootCertificates } from 'node:tls';

/** The public certificate authorities and one more (PEM): Node takes a list as all there is. */
export const trustedAuthorities = (ca: string): string[] => [...rootCertificates, ca];
