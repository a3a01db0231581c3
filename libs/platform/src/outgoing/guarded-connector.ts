import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { isOrdinaryPort, type AddressPolicy } from './address-policy.js';
import { BlockedAddressError } from './outgoing-errors.js';

/** All addresses of a name, as the system resolver gives them. */
export type ResolveHost = (hostname: string) => Promise<LookupAddress[]>;

export const resolveHost: ResolveHost = (hostname) =>
  new Promise((resolve, reject) => {
    dnsLookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });

/** Sockets of names with several addresses try the next one after this time; Node's own 250 ms gives up on slow but sound networks. */
const NEXT_ADDRESS_AFTER_MS = 2_000;

/** Beyond the usual: to offer HTTP/2, to trust these authorities (PEM) instead of the public ones. */
export interface TlsOptions {
  allowH2?: true;
  ca?: string[];
}

/**
 * Opens sockets to permitted addresses only. Literal hosts are judged here because Node asks no `lookup` about them; names are judged
 * by every address they resolve to, inside the one resolution the socket itself uses, so a second answer cannot slip in.
 */
export function guardedConnector(
  policy: AddressPolicy,
  resolve: ResolveHost,
  timeoutMs: number,
  tls: TlsOptions = {},
): buildConnector.connector {
  const connectorTo = (isOrdinaryPort: boolean): buildConnector.connector =>
    buildConnector({
      ...tls,
      timeout: timeoutMs,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
      lookup: guardedLookup(policy, resolve, isOrdinaryPort),
    });
  const ordinary = connectorTo(true);
  const special = connectorTo(false);
  return (target, callback) => {
    const isOrdinary = isOrdinaryPort(Number(target.port || (target.protocol === 'https:' ? 443 : 80)));
    const host = target.hostname.replace(/^\[|\]$/g, '');
    const problem = isIP(host) === 0 ? null : policy.addressProblem(host, isOrdinary);
    if (problem !== null) callback(new BlockedAddressError(problem), null);
    else if (isOrdinary) ordinary(target, callback);
    else special(target, callback);
  };
}

function guardedLookup(policy: AddressPolicy, resolve: ResolveHost, isOrdinaryPort: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const problem = addresses.map((a) => policy.addressProblem(a.address, isOrdinaryPort)).find((p) => p !== null);
        const [first] = addresses;
        if (problem) callback(new BlockedAddressError(problem), '');
        else if (!first) callback(Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' }), '');
        else if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    );
  };
}
