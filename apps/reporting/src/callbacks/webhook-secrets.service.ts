import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { CallbackRepository, CatalogWatch } from '#entities';
import { ImWebhookConfig, SecretBox } from '#platform';

/** How long they are believed, ms: so much longer may the one before a rotation sign. */
const BELIEVED_MS = 5 * 60_000;

interface Kept {
  secrets: Promise<string[]>;
  untilMs: number;
}

/**
 * The secrets that sign a client app's callbacks: the current one, and for a day the one before a rotation. Those to the
 * webhook of the IM door, which is the operator's, are signed with his, where he set one.
 */
@Injectable()
export class WebhookSecrets {
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly callbacks: CallbackRepository,
    private readonly box: SecretBox,
    private readonly imWebhook: ImWebhookConfig,
    watch: CatalogWatch,
  ) {
    watch.onChange('client_app', () => this.kept.clear());
  }

  /**
   * Empty: not signed. Null: the app is gone.
   * @param appId empty: the operator
   * @throws AppError `SECRET_UNREADABLE`
   */
  async of(appId: string): Promise<string[] | null> {
    if (appId === '') return this.imWebhook.IM_WEBHOOK_SECRET === undefined ? [] : [this.imWebhook.IM_WEBHOOK_SECRET];
    const secrets = await this.ofApp(appId);
    return secrets.length === 0 ? null : secrets;
  }

  private ofApp(appId: string): Promise<string[]> {
    const known = this.kept.get(appId);
    if (known && known.untilMs > performance.now()) return known.secrets;
    const secrets = this.load(appId);
    this.kept.set(appId, { secrets, untilMs: performance.now() + BELIEVED_MS });
    secrets.catch(() => this.kept.delete(appId));
    return secrets;
  }

  private async load(appId: string): Promise<string[]> {
    const place = `client_app.webhook_secret:${appId}`;
    const [current, previous] = await this.callbacks.webhookSecretsOf(appId);
    if (!current) return [];
    // The one before may belong to a master key that is gone; the current one signs without it.
    return [current, ...(previous && this.box.canOpen(previous, place) ? [previous] : [])].map((sealed) =>
      this.box.open(sealed, place),
    );
  }
}
