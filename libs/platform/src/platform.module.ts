import { Global, Module, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { DatabaseSettings, HealthChecks, ImWebhookSettings } from '#contracts';
import { checkEnvironment } from './config/check-environment.js';
import { CONFIGS } from './config/configs.js';
import { ImWebhookConfig } from './config/im-webhook.config.js';
import { DatabaseConfig } from './config/database.config.js';
import { loadConfig } from './config/load-config.js';
import { LogConfig } from './config/log.config.js';
import { OutgoingConfig } from './config/outgoing.config.js';
import { SecurityConfig } from './config/security.config.js';
import { LinkSigner } from './crypto/link-signer.js';
import { parseMasterKey } from './crypto/master-key.js';
import { SecretBox } from './crypto/secret-box.js';
import { HealthRegistry } from './health/health-registry.js';
import { HealthServer } from './health/health-server.js';
import { AppLogger } from './logging/app-logger.js';
import { Metrics } from './metrics/metrics.js';
import { GuardedHttp } from './outgoing/guarded-http.js';

/** Resolved before any config, so that a start with a bad environment names every problem, not only the first. */
const CONFIGS_CHECKED = Symbol('CONFIGS_CHECKED');
const configsChecked: Provider = {
  provide: CONFIGS_CHECKED,
  useFactory: () => {
    checkEnvironment();
    return true;
  },
};

const configs: Provider[] = CONFIGS.map((configClass) => ({
  provide: configClass,
  useFactory: () => loadConfig(configClass),
  inject: [CONFIGS_CHECKED],
}));

function masterKeys({ MASTER_KEY, MASTER_KEY_PREVIOUS }: SecurityConfig): [current: Buffer, previous: Buffer[]] {
  const [current, ...previous] = [MASTER_KEY, MASTER_KEY_PREVIOUS].flatMap((text) => parseMasterKey(text ?? '') ?? []);
  return [current ?? Buffer.alloc(0), previous];
}

const services: Provider[] = [
  { provide: DatabaseSettings, useExisting: DatabaseConfig },
  { provide: ImWebhookSettings, useExisting: ImWebhookConfig },
  {
    provide: AppLogger,
    useFactory: (config: LogConfig) => new AppLogger({ level: config.LOG_LEVEL }),
    inject: [LogConfig],
  },
  { provide: HealthRegistry, useFactory: () => new HealthRegistry() },
  { provide: HealthChecks, useExisting: HealthRegistry },
  Metrics,
  HealthServer,
  {
    provide: SecretBox,
    useFactory: (config: SecurityConfig) => new SecretBox(...masterKeys(config)),
    inject: [SecurityConfig],
  },
  {
    provide: LinkSigner,
    useFactory: (config: SecurityConfig) => new LinkSigner(...masterKeys(config)),
    inject: [SecurityConfig],
  },
  {
    provide: GuardedHttp,
    useFactory: (config: OutgoingConfig) => new GuardedHttp({ allow: config.OUTGOING_ALLOW }),
    inject: [OutgoingConfig],
  },
];

/** What every process has: configuration, log, health, metrics, sealed secrets, calls to the outside. Import it once in each root module. */
@Global()
@Module({
  providers: [configsChecked, ...configs, ...services],
  exports: [...configs, ...services],
})
export class PlatformModule implements OnApplicationShutdown {
  constructor(private readonly http: GuardedHttp) {}

  async onApplicationShutdown(): Promise<void> {
    await this.http.close();
  }
}
