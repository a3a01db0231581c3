import { Injectable } from '@nestjs/common';
import { SecretBox, randomSecret, safeEqual } from '#platform';

/**
 * Seals and opens what is stored of a client app. The additional data binds a sealed value to its row and field;
 * whoever else opens one (the callback sender) must name the same place.
 */
@Injectable()
export class ClientAppSecrets {
  /** Opened and compared where there is no app, so that an unknown id costs as much as a wrong secret. */
  private readonly dummy: Buffer;

  constructor(private readonly box: SecretBox) {
    this.dummy = box.seal(randomSecret(), 'client_app.secret:');
  }

  seal(appId: string, secret: string): Buffer {
    return this.box.seal(secret, `client_app.secret:${appId}`);
  }

  open(appId: string, sealed: Buffer): string {
    return this.box.open(sealed, `client_app.secret:${appId}`);
  }

  sealWebhook(appId: string, secret: string): Buffer {
    return this.box.seal(secret, `client_app.webhook_secret:${appId}`);
  }

  openWebhook(appId: string, sealed: Buffer): string {
    return this.box.open(sealed, `client_app.webhook_secret:${appId}`);
  }

  /** Compares with the current secret and the one that is being replaced; always does the same work. */
  isSecretOf(given: string, app: { app_id: string; secret: Buffer; previous_secret: Buffer | null } | null): boolean {
    const isCurrent = this.matches(given, app?.app_id, app?.secret);
    const isPrevious = this.matches(given, app?.app_id, app?.previous_secret);
    return isCurrent || isPrevious;
  }

  private matches(given: string, appId: string | undefined, sealed: Buffer | null | undefined): boolean {
    const isReal = appId !== undefined && sealed != null;
    const secret = isReal ? this.open(appId, sealed) : this.box.open(this.dummy, 'client_app.secret:');
    return safeEqual(given, secret) && isReal;
  }
}
