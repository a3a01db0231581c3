import { Injectable } from '@nestjs/common';
import { CallbackRepository, CatalogWatch } from '#entities';
import { SecretBox } from '#platform';

/** The secrets that sign a client app's callbacks: the current one, and for a day the one before a rotation. */
@Injectable()
export class WebhookSecrets {
  private readonly kept = new Map<string, Promise<string[]>>();

  constructor(
    private readonly callbacks: CallbackRepository,
    private readonly box: SecretBox,
    watch: CatalogWatch,
  ) {
    watch.onChange('client_app', () => this.kept.clear());
  }

  /** Empty when the app is gone. */
  of(appId: string): Promise<string[]> {
    const known = this.kept.get(appId);
    if (known) return known;
    const loading = this.load(appId);
    this.kept.set(appId, loading);
    loading.catch(() => this.kept.delete(appId));
    return loading;
  }

  private async load(appId: string): Promise<string[]> {
    const sealed = await this.callbacks.webhookSecretsOf(appId);
    return sealed.map((secret) => this.box.open(secret, `client_app.webhook_secret:${appId}`));
  }
}
