import { Injectable } from '@nestjs/common';
import { ClientAppRepository, DatabaseClock } from '#entities';
import { LinkSigner, sha256 } from '#platform';
import { ClientAppSecrets } from '../../../access/client-app-secrets.js';
import { PublicAddress } from '../../../web/public-address.service.js';

const PURPOSE = 'access receipt';
const VALID_S = 24 * 3600;

/** Links to the receipt with the secret on it, to be handed over to the integrator, who has no administrator token. */
@Injectable()
export class AccessReceiptLinks {
  constructor(
    private readonly signer: LinkSigner,
    private readonly address: PublicAddress,
    private readonly apps: ClientAppRepository,
    private readonly secrets: ClientAppSecrets,
    private readonly clock: DatabaseClock,
  ) {}

  urlFor(appId: string, appSecret: string): string {
    const expiresAtS = Math.floor(this.clock.nowMs() / 1000) + VALID_S;
    const signature = this.signer.sign(PURPOSE, signedText(appId, appSecret), expiresAtS);
    const path = `/v1/client-apps/${encodeURIComponent(appId)}/receipt`;
    return this.address.url(`${path}?expires=${expiresAtS}&signature=${signature}`);
  }

  /** The secret of the app, where the link is good; null: expired, forged, or made for a former secret. */
  async open(appId: string, expiresAtS: number, signature: string): Promise<string | null> {
    const app = await this.apps.find(appId);
    if (!app) return null;
    const appSecret = this.secrets.open(appId, app.secret);
    const text = signedText(appId, appSecret);
    return this.signer.verify(PURPOSE, text, expiresAtS, signature, this.clock.nowMs()) ? appSecret : null;
  }
}

/** The secret is part of it, so a new one ends the links of the old. */
const signedText = (appId: string, appSecret: string): string => `${appId}\n${sha256(appSecret).toString('hex')}`;
