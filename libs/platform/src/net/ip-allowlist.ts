import { IpRanges } from './ip-ranges.js';

/** Addresses a client app may call from. An empty list allows any. */
export class IpAllowlist {
  private readonly ranges: IpRanges;

  /** @throws AppError `IP_RANGE` (invalid) on an entry that is neither an address nor a range */
  constructor(entries: readonly string[]) {
    this.ranges = new IpRanges(entries);
  }

  allows(ip: string): boolean {
    return this.ranges.isEmpty || this.ranges.has(ip);
  }
}
