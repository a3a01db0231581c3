import { parseIp, IpRanges } from '../net/ip-ranges.js';

/** Ports of services that understand enough of an HTTP request to be harmed by one, or that have no business being called. */
const DENIED_PORTS: ReadonlySet<number> = new Set([
  ...[
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 79, 87, 95, 101, 102, 103, 104, 109, 110,
    111, 113,
  ],
  ...[
    115, 117, 119, 123, 135, 136, 137, 138, 139, 143, 161, 162, 179, 389, 427, 445, 465, 512, 513, 514, 515, 526, 530,
    531, 532,
  ],
  ...[
    540, 548, 554, 556, 563, 587, 601, 636, 873, 993, 995, 1433, 1521, 1719, 1720, 1723, 2049, 2181, 2375, 2376, 2379,
    2380, 3306,
  ],
  ...[
    3389, 3659, 4045, 4369, 5060, 5061, 5432, 5433, 5671, 5672, 5900, 5984, 6000, 6379, 6380, 6443, 6566, 6665, 6666,
    6667, 6668,
  ],
  ...[6669, 6679, 6697, 9042, 9092, 9200, 9300, 10250, 10255, 11211, 15672, 25672, 27017, 27018],
]);

export const isOrdinaryPort = (port: number): boolean => !DENIED_PORTS.has(port);
/** Both default ports are ordinary, so which of them a URL means does not matter. */
const DEFAULT_PORT = 80;

/** All IPv6 that is handed out for the public net; outside lie old forms that embed an IPv4 address, such as ::7f00:1. */
const GLOBAL_IPV6 = new IpRanges(['2000::/3']);

const LOCAL_NAME = /(?:^|\.)(?:localhost|localhost\.localdomain|ip6-localhost|ip6-loopback)$/;
const LOOPBACKS = ['127.0.0.1', '::1'];

export const REASONS = {
  notUrl: 'it is not a URL',
  scheme: 'only http and https are',
  credentials: 'it holds a user or password',
  address: 'the address is not public',
  port: 'the port belongs to another service',
} as const;

/** Which addresses and ports may be called: public unicast on ordinary ports, and whatever the operator opened, on any port. */
export class AddressPolicy {
  private readonly opened: IpRanges;

  /** @param opened IP addresses and CIDR ranges */
  constructor(opened: readonly string[]) {
    this.opened = new IpRanges(opened);
  }

  /** Why this address may not be called on a port of this sort; `null` when it may. */
  addressProblem(ip: string, isOrdinary: boolean): string | null {
    const address = parseIp(ip);
    if (address === null) return REASONS.address;
    if (this.opened.has(address)) return null;
    if (address.range() !== 'unicast') return REASONS.address;
    if (address.kind() === 'ipv6' && !GLOBAL_IPV6.has(address)) return REASONS.address;
    return isOrdinary ? null : REASONS.port;
  }

  /**
   * What can be said of a URL without asking the resolver: scheme, credentials, a literal address in any spelling (the WHATWG parser
   * turns decimal, hex, octal and full-width digits into the ordinary form), names of this machine, the port. Other names pass here
   * and are judged by their addresses when the connection is made.
   */
  urlProblem(text: string): string | null {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || url.hostname === '') return REASONS.notUrl;
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return REASONS.scheme;
    if (url.username !== '' || url.password !== '') return REASONS.credentials;
    const host = hostOf(url);
    const isOrdinary = isOrdinaryPort(Number(url.port || DEFAULT_PORT));
    if (LOCAL_NAME.test(host)) {
      return LOOPBACKS.some((ip) => this.opened.has(ip)) ? null : REASONS.address;
    }
    if (parseIp(host) !== null) return this.addressProblem(host, isOrdinary);
    return isOrdinary || !this.opened.isEmpty ? null : REASONS.port;
  }

  /** The operator opened the very address that the URL names: this machine, or one of his own net. Names do not count. */
  isOpened(text: string): boolean {
    if (!URL.canParse(text)) return false;
    const host = hostOf(new URL(text));
    const addresses = LOCAL_NAME.test(host) ? LOOPBACKS : [host];
    return addresses.some((ip) => this.opened.has(ip));
  }
}

/** Host of a URL as an address or name: no brackets, no trailing dots. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.{1,4}$/, '');
