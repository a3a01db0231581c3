import { Injectable } from '@nestjs/common';
import { CatalogWatch, ClientAppRepository, type ClientAppForAuth } from '#entities';
import { IpAllowlist } from '#platform';
import { callingAppOf } from '../../access/calling-app.js';
import { ClientAppSecrets } from '../../access/client-app-secrets.js';
import { RateLimiter } from '../../access/rate-limiter.service.js';
import type { CallingApp } from '../../intake/accept-message.command.js';
import { PspError } from './psp.error.js';

/** How long an app is believed without asking the database again, ms. Changes of it take effect within this time. */
const BELIEVED_MS = 4000;
const MAX_BELIEVED = 10_000;
/** Ids per second of one address that are looked up in the database. */
const LOOKUPS_PER_SECOND = 100;

/** A client app with what its calls are signed with. */
export interface SigningApp {
  app: CallingApp;
  /** The secret, and the one that is being replaced by it. */
  secrets: readonly string[];
  allowlist: IpAllowlist;
  isEnabled: boolean;
}

/** Client apps by the id that callers write in whatever case. */
@Injectable()
export class SigningApps {
  private readonly believed = new Map<string, { signer: SigningApp; untilMs: number }>();
  private readonly asking = new Map<string, Promise<SigningApp | null>>();

  constructor(
    private readonly clientApps: ClientAppRepository,
    private readonly secrets: ClientAppSecrets,
    private readonly rates: RateLimiter,
    watch: CatalogWatch,
  ) {
    watch.onChange('client_app', () => this.believed.clear());
  }

  /** The app where it is known here; undefined: the database has to be asked. */
  known(appkey: string): SigningApp | undefined {
    const entry = this.believed.get(appkey.toLowerCase());
    return entry && entry.untilMs > performance.now() ? entry.signer : undefined;
  }

  /**
   * One query for all calls of an address that wait for the same app, and one for its limit: else a burst would be refused for
   * what it never asked of the database.
   * @throws PspError `rate`
   */
  find(appkey: string, ip: string): Promise<SigningApp | null> {
    const key = appkey.toLowerCase();
    const question = `${ip} ${key}`;
    const asking = this.asking.get(question) ?? this.ask(key, ip).finally(() => this.asking.delete(question));
    this.asking.set(question, asking);
    return asking;
  }

  private async ask(key: string, ip: string): Promise<SigningApp | null> {
    const waitMs = await this.rates.take(`psp:${ip}`, LOOKUPS_PER_SECOND, 1);
    if (waitMs > 0) throw new PspError('rate', undefined, waitMs);
    const askedAt = performance.now();
    const found = await this.clientApps.findIgnoringCase(key);
    if (!found) return null;
    const signer = this.signerOf(found);
    if (this.believed.size >= MAX_BELIEVED) this.believed.clear();
    this.believed.set(key, { signer, untilMs: askedAt + BELIEVED_MS });
    return signer;
  }

  private signerOf(found: ClientAppForAuth): SigningApp {
    const sealed = [found.secret, ...(found.previous_secret ? [found.previous_secret] : [])];
    return {
      app: callingAppOf(found),
      secrets: sealed.map((secret) => this.secrets.open(found.app_id, secret)),
      allowlist: new IpAllowlist(found.ip_allowlist),
      isEnabled: found.enabled,
    };
  }
}
