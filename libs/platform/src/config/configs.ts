import { AlarmConfig } from './alarm.config.js';
import { DatabaseConfig } from './database.config.js';
import { HealthConfig } from './health.config.js';
import { HttpConfig } from './http.config.js';
import { ImConfig } from './im.config.js';
import { ImListenerConfig } from './im-listener.config.js';
import { ImWebhookConfig } from './im-webhook.config.js';
import type { ConfigClass } from './load-config.js';
import { LogConfig } from './log.config.js';
import { MqttConfig } from './mqtt.config.js';
import { OutgoingConfig } from './outgoing.config.js';
import { PlatformDoorConfig } from './platform-door.config.js';
import { PortalConfig } from './portal.config.js';
import { PspConfig } from './psp.config.js';
import { RabbitConfig } from './rabbit.config.js';
import { RelayConfig } from './relay.config.js';
import { RetentionConfig } from './retention.config.js';
import { SandboxConfig } from './sandbox.config.js';
import { SecurityConfig } from './security.config.js';
import { ShutdownConfig } from './shutdown.config.js';
import { StandaloneConfig } from './standalone.config.js';
import { WorkerConfig } from './worker.config.js';

/** Every topic, in the order of `.env.example`. */
export const CONFIGS: readonly ConfigClass[] = [
  HttpConfig,
  HealthConfig,
  DatabaseConfig,
  RabbitConfig,
  SecurityConfig,
  PlatformDoorConfig,
  PortalConfig,
  RelayConfig,
  ImConfig,
  ImListenerConfig,
  ImWebhookConfig,
  PspConfig,
  OutgoingConfig,
  AlarmConfig,
  SandboxConfig,
  MqttConfig,
  WorkerConfig,
  ShutdownConfig,
  RetentionConfig,
  LogConfig,
  StandaloneConfig,
];
