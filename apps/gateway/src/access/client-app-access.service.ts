import { Injectable } from '@nestjs/common';
import { CatalogWatch, ClientAppRepository, type ClientAppForAuth } from '#entities';
import { HttpConfig, IpAllowlist, IpRanges, clientIp, sha256 } from '#platform';
import type { CallingApp } from '../intake/accept-message.command.js';
import { callingAppOf } from './calling-app.js';

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
  /** By token, only those that opened: the keys are live tokens and never leave this map. */
  private readonly believed = new Map<string, Believed>();
  private readonly asking = new Map<string, Promise<Believed | null>>();
  private readonly trustedProxies: IpRanges;
  /** Folded form of socket addresses, where no proxy is trusted and nothing else counts. */
  private readonly peers = new Map<string, string>();

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
    const peer = request.socket.remoteAddress;
    if (!this.trustedProxies.isEmpty || peer === undefined) {
      return clientIp(peer, request.headers['x-forwarded-for'], this.trustedProxies);
    }
    let ip = this.peers.get(peer);
    if (ip === undefined) {
      ip = clientIp(peer, undefined, this.trustedProxies);
      if (this.peers.size >= MAX_BELIEVED) this.peers.clear();
      this.peers.set(peer, ip);
    }
    return ip;
  }

  async authenticate(token: string | undefined, ip: string): Promise<CallingApp | AccessRefusal> {
    if (!token) return 'missing';
    let entry = this.believed.get(token);
    if (!entry || entry.untilMs <= performance.now()) {
      const asked = await this.ask(token);
      if (!asked) return 'unknown';
      entry = asked;
    }
    if (!entry.isEnabled) return 'disabled';
    return entry.allowlist.allows(ip) ? entry.app : 'ip';
  }

  /** One query for all calls that wait for the same token. */
  private ask(token: string): Promise<Believed | null> {
    const asking = this.asking.get(token) ?? this.find(token).finally(() => this.asking.delete(token));
    this.asking.set(token, asking);
    return asking;
  }

  private async find(token: string): Promise<Believed | null> {
    const askedAt = performance.now();
    const found = await this.clientApps.findByToken(sha256(token));
    if (!found) {
      this.believed.delete(token);
      return null;
    }
    const entry = believe(found, askedAt + Math.min(BELIEVED_MS, found.valid_s * 1000));
    if (this.believed.size >= MAX_BELIEVED) this.believed.clear();
    this.believed.set(token, entry);
    return entry;
  }
}

const believe = (found: ClientAppForAuth, untilMs: number): Believed => ({
  app: callingAppOf(found),
  allowlist: new IpAllowlist(found.ip_allowlist),
  isEnabled: found.enabled,
  untilMs,
});
