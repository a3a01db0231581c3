import { Injectable } from '@nestjs/common';
import { ClientAppAdminRepository, type AuditEntry, type ClientAppFields, type ClientAppRow } from '#entities';
import { randomSecret, randomWebhookSecret } from '#platform';
import { ClientAppSecrets } from '../../../access/client-app-secrets.js';
import { auditBy, type Caller } from '../auth/caller.js';
import { ConflictError, NotFoundError } from '../http/native-errors.js';
import type { CreateClientAppDto, UpdateClientAppDto } from './client-app.dto.js';

const UNKNOWN = 'client app';

/** Registers client apps and changes them. Secrets leave it once: when they are made. */
@Injectable()
export class ManageClientAppService {
  constructor(
    private readonly apps: ClientAppAdminRepository,
    private readonly secrets: ClientAppSecrets,
  ) {}

  async get(appId: string): Promise<ClientAppRow> {
    const app = await this.apps.find(appId);
    if (!app) throw new NotFoundError(UNKNOWN);
    return app;
  }

  async create(dto: CreateClientAppDto, caller: Caller): Promise<{ app: ClientAppRow; appSecret: string }> {
    const appId = dto.appId ?? randomSecret().slice(0, 16);
    const appSecret = dto.appSecret ?? randomSecret();
    const fields = {
      name: '',
      channels: [],
      description: '',
      features: [],
      ipAllowlist: [],
      ratePerSecond: null,
      smsQuotaTotal: null,
      smsQuotaPerDay: null,
      weight: 1,
      enabled: true,
    };
    const app = {
      ...fields,
      ...fieldsOf(dto),
      appId,
      secret: this.secrets.seal(appId, appSecret),
      webhookSecret: this.secrets.sealWebhook(appId, randomWebhookSecret()),
    };
    const isNew = await this.apps.create(app, entry(caller, 'client-app.create', appId));
    if (!isNew) throw new ConflictError('There is a client app with this appId already.');
    return { app: await this.get(appId), appSecret };
  }

  async update(appId: string, dto: UpdateClientAppDto, caller: Caller): Promise<ClientAppRow> {
    const fields = fieldsOf(dto);
    const details = { fields: Object.keys(fields), ...(dto.enabled === undefined ? {} : { enabled: dto.enabled }) };
    const isKnown = await this.apps.update(appId, fields, { ...entry(caller, 'client-app.update', appId), details });
    if (!isKnown) throw new NotFoundError(UNKNOWN);
    return this.get(appId);
  }

  async remove(appId: string, caller: Caller): Promise<void> {
    const isKnown = await this.apps.remove(appId, entry(caller, 'client-app.delete', appId));
    if (!isKnown) throw new NotFoundError(UNKNOWN);
  }

  async rotateSecret(appId: string, overlapS: number, caller: Caller): Promise<string> {
    const appSecret = randomSecret();
    const sealed = this.secrets.seal(appId, appSecret);
    const isKnown = await this.apps.rotateSecret(appId, sealed, overlapS, {
      ...entry(caller, 'client-app.rotate-secret', appId),
      details: { overlapS },
    });
    if (!isKnown) throw new NotFoundError(UNKNOWN);
    return appSecret;
  }

  async webhookSecret(appId: string): Promise<string> {
    const sealed = await this.apps.webhookSecret(appId);
    if (!sealed) throw new NotFoundError(UNKNOWN);
    return this.secrets.openWebhook(appId, sealed);
  }

  async rotateWebhookSecret(appId: string, caller: Caller): Promise<string> {
    const secret = randomWebhookSecret();
    const sealed = this.secrets.sealWebhook(appId, secret);
    const isKnown = await this.apps.rotateWebhookSecret(
      appId,
      sealed,
      entry(caller, 'client-app.rotate-webhook-secret', appId),
    );
    if (!isKnown) throw new NotFoundError(UNKNOWN);
    return secret;
  }
}

const entry = (caller: Caller, action: string, target: string): AuditEntry => ({ ...auditBy(caller), action, target });

/** The fields that the request names, and only those. */
function fieldsOf(dto: UpdateClientAppDto): Partial<ClientAppFields> {
  const { name, description, channels, features, ipAllowlist, rateLimit, smsQuota, weight, enabled } = dto;
  const named = {
    name,
    description,
    channels,
    features,
    ipAllowlist,
    enabled,
    ratePerSecond: rateLimit === undefined ? undefined : (rateLimit?.perSecond ?? null),
    smsQuotaTotal: smsQuota === undefined ? undefined : (smsQuota?.total ?? null),
    smsQuotaPerDay: smsQuota === undefined ? undefined : (smsQuota?.perDay ?? null),
    weight,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}
