import { isIP } from 'node:net';
import { AppError } from '#contracts';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** The address in one form: IPv4-mapped IPv6 becomes IPv4. `null` when the text is not a plain IP address. */
export function parseIp(text: string): Address | null {
  // ipaddr.js also takes 127.1, 0x7f.1 and zone ids, and reads ::1.2.3.4 as if it were mapped; here only the ordinary forms count.
  return isIP(text) === 0 || text.includes('%') ? null : ipaddr.process(withHexTail(text));
}

/** `::ffff:1.2.3.4` as `::ffff:102:304`; anything else unchanged. */
const withHexTail = (text: string): string =>
  text.includes(':')
    ? text.replace(/(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/, (_, a, b, c, d) =>
        [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
      )
    : text;

/** Like {@link parseIp}, as text. */
export const foldIp = (text: string): string | null => parseIp(text)?.toString() ?? null;

/** IP addresses and CIDR ranges. Nothing is in an empty list. */
export class IpRanges {
  private readonly ranges: readonly Range[];

  /** @throws AppError `IP_RANGE` (invalid) on an entry that is neither an address nor a range */
  constructor(entries: readonly string[]) {
    this.ranges = entries.map((entry) => {
      const range = parseRange(entry);
      if (!range) throw new AppError('IP_RANGE', 'invalid', 'Not an IP address or CIDR range.', { entry });
      return range;
    });
  }

  get isEmpty(): boolean {
    return this.ranges.length === 0;
  }

  has(ip: string | Address): boolean {
    const address = typeof ip === 'string' ? parseIp(ip) : ip;
    return address !== null && this.ranges.some((range) => address.kind() === range[0].kind() && address.match(range));
  }
}

export const isIpRange = (entry: string): boolean => parseRange(entry) !== null;

function parseRange(entry: string): Range | null {
  const [ip = '', bits, ...rest] = entry.split('/');
  const address = parseIp(ip);
  if (!address || rest.length > 0) return null;
  const width = address.kind() === 'ipv4' ? 32 : 128;
  if (bits === undefined) return [address, width];
  if (!/^\d{1,3}$/.test(bits)) return null;
  // A range written in the mapped form (::ffff:10.0.0.0/104) counts its prefix from the 128 bits.
  const prefix = Number(bits) - (width === 32 && isIP(ip) === 6 ? 96 : 0);
  return prefix >= 0 && prefix <= width ? [address, prefix] : null;
}
