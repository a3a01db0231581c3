import { Injectable } from '@nestjs/common';
import { CatalogWatch, ClientAppRepository, type ClientAppForAuth } from '#entities';
import { HttpConfig, IpAllowlist, IpRanges, clientIp, sha256 } from '#platform';
import type { CallingApp } from '../intake/accept-message.command.js';

/** How long a token is believed without asking the database again, ms. Revoking it takes effect within this time. */
const BELIEVED_MS = 4000;
const MAX_BELIEVED = 10_000;

interface Believed {
  app: CallingApp;
  allowlist: IpAllowlist;
  isEnabled: boolean;
  untilMs: number;
}

/** The part of a request that tells where it comes from. */
export interface RequestOrigin {
  socket: { remoteAddress?: string };
  headers: Record<string, string | string[] | undefined>;
}

/** Why a token does not open the door. Doors answer all of them alike; the audit tells them apart. */
export type AccessRefusal = 'missing' | 'unknown' | 'disabled' | 'ip';

/** Who is calling: from a token to the client app, with its address judged. */
@Injectable()
export class ClientAppAccess {
  private readonly believed = new Map<string, Believed>();
  private readonly trustedProxies: IpRanges;

  constructor(
    private readonly clientApps: ClientAppRepository,
    watch: CatalogWatch,
    config: HttpConfig,
  ) {
    this.trustedProxies = new IpRanges(config.TRUSTED_PROXIES);
    watch.onChange('client_app', () => this.believed.clear());
  }

  /** Address of the caller: only what a trusted proxy added is believed. */
  ipOf(request: RequestOrigin): string {
    return clientIp(request.socket.remoteAddress, request.headers['x-forwarded-for'], this.trustedProxies);
  }

  async authenticate(token: string | undefined, ip: string): Promise<CallingApp | AccessRefusal> {
    if (!token) return 'missing';
    const hash = sha256(token);
    const key = hash.toString('base64');
    const now = performance.now();
    let entry = this.believed.get(key);
    if (!entry || entry.untilMs <= now) {
      const found = await this.clientApps.findByToken(hash);
      if (!found) {
        this.believed.delete(key);
        return 'unknown';
      }
      entry = believe(found, now + Math.min(BELIEVED_MS, found.valid_s * 1000));
      if (this.believed.size >= MAX_BELIEVED) this.believed.clear();
      this.believed.set(key, entry);
    }
    if (!entry.isEnabled) return 'disabled';
    return entry.allowlist.allows(ip) ? entry.app : 'ip';
  }
}

const believe = (found: ClientAppForAuth, untilMs: number): Believed => ({
  app: {
    appId: found.app_id,
    name: found.name,
    channels: new Set(found.channels),
    features: new Set(found.features),
    ratePerSecond: found.rate_per_second,
  },
  allowlist: new IpAllowlist(found.ip_allowlist),
  isEnabled: found.enabled,
  untilMs,
});
