import { Injectable } from '@nestjs/common';
import {
  DatabaseClock,
  PublicAccountTemplateRepository,
  type PublicAccountRow,
  type PublicAccountTemplate,
} from '#entities';
import { SyncTemplatesService, type SyncedBy } from './sync-templates.service.js';

/** A copy of the templates is good for so long. */
const FRESH_MS = 10 * 60_000;

/** The copy of a public account's templates, renewed when it is old; those who ask at the same time share one call. */
@Injectable()
export class FreshTemplates {
  private readonly syncing = new Map<string, Promise<PublicAccountTemplate[]>>();

  constructor(
    private readonly templates: PublicAccountTemplateRepository,
    private readonly sync: SyncTemplatesService,
    private readonly clock: DatabaseClock,
  ) {}

  /** @throws WechatListRefusedError the copy is old and WeChat gives no other: an old list would pass for a true one */
  list(account: PublicAccountRow, by: SyncedBy): Promise<PublicAccountTemplate[]> {
    return this.isFresh(account) ? this.templates.list(account.publicId) : this.renew(account, by);
  }

  /** A template does not change: an old copy will do, unless it lacks it. @throws WechatListRefusedError */
  async find(account: PublicAccountRow, templateId: string, by: SyncedBy): Promise<PublicAccountTemplate | null> {
    const kept = await this.templates.find(account.publicId, templateId);
    if (kept || this.isFresh(account)) return kept;
    return (await this.renew(account, by)).find((template) => template.templateId === templateId) ?? null;
  }

  private isFresh({ provider, templatesSyncedAt }: PublicAccountRow): boolean {
    if (provider === 'sandbox') return true;
    return templatesSyncedAt !== null && this.clock.nowMs() - templatesSyncedAt.getTime() < FRESH_MS;
  }

  private renew(account: PublicAccountRow, by: SyncedBy): Promise<PublicAccountTemplate[]> {
    const running = this.syncing.get(account.publicId);
    if (running) return running;
    const renewed = this.sync.sync(account, by).finally(() => this.syncing.delete(account.publicId));
    this.syncing.set(account.publicId, renewed);
    return renewed;
  }
}
