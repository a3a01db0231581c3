import './engine/no-pretenuring.js';
export { portUnusable, untilListening } from './errors/port-unusable.js';
export { whyNotStarted } from './errors/why-not-started.js';
export { ConfigError, type ConfigProblem } from './config/config-error.js';
export { AlarmConfig } from './config/alarm.config.js';
export { checkDistributedEnvironment, checkEnvironment } from './config/check-environment.js';
export { CONFIGS } from './config/configs.js';
export { DatabaseConfig } from './config/database.config.js';
export { envExample } from './config/env-example.js';
export { HealthConfig } from './config/health.config.js';
export { isLoopbackHost } from './net/loopback.js';
export { HTTP_LIMITS, HttpConfig } from './config/http.config.js';
export { ImConfig } from './config/im.config.js';
export { ImListenerConfig } from './config/im-listener.config.js';
export { ImWebhookConfig } from './config/im-webhook.config.js';
export { loadConfig, type ConfigClass } from './config/load-config.js';
export { LOG_LEVELS, LogConfig, type LogLevel } from './config/log.config.js';
export { OutgoingConfig } from './config/outgoing.config.js';
export { PlatformDoorConfig } from './config/platform-door.config.js';
export { PortalConfig } from './config/portal.config.js';
export { PspConfig, payloadLimitsOf, type PayloadLimits } from './config/psp.config.js';
export { RabbitConfig } from './config/rabbit.config.js';
export { RelayConfig } from './config/relay.config.js';
export { RetentionConfig } from './config/retention.config.js';
export { MqttConfig } from './config/mqtt.config.js';
export { SandboxConfig } from './config/sandbox.config.js';
export { SecurityConfig } from './config/security.config.js';
export { ShutdownConfig } from './config/shutdown.config.js';
export { Setting, type SettingOptions } from './config/setting.js';
export { StandaloneConfig } from './config/standalone.config.js';
export { WorkerConfig } from './config/worker.config.js';
export { checkMasterKey } from './crypto/check-master-key.js';
export { safeEqual, sha256 } from './crypto/digest.js';
export { LinkSigner } from './crypto/link-signer.js';
export { randomSecret, randomToken, randomWebhookSecret } from './crypto/random.js';
export { SecretBox } from './crypto/secret-box.js';
export { signStandardWebhook } from './crypto/standard-webhook.js';
export { dispositionOf, httpStatusOf, logLevelOf, type Disposition } from './errors/error-policy.js';
export { failpoint } from './failpoint/failpoint.js';
export { HealthRegistry, type CheckResult, type HealthCheck, type Readiness } from './health/health-registry.js';
export { HealthServer } from './health/health-server.js';
export { startHealthServer } from './health/start-health-server.js';
export { AppLogger, type AppLoggerOptions, type LogFields } from './logging/app-logger.js';
export { redactText, redactUrl } from './logging/redact-text.js';
export { serializeError, type SerializedError } from './logging/serialize-error.js';
export { Metrics } from './metrics/metrics.js';
export { clientIp, UNKNOWN_IP } from './net/client-ip.js';
export { isForeignName, isForeignPage, isPageOfThisMachine } from './net/foreign-page.js';
export { IpAllowlist } from './net/ip-allowlist.js';
export { foldIp, IpRanges, isIpRange } from './net/ip-ranges.js';
export { pathAndQuery } from './net/request-target.js';
export type { ResolveHost } from './outgoing/guarded-connector.js';
export { GuardedHttp, type GuardedHttpOptions } from './outgoing/guarded-http.js';
export {
  BlockedAddressError,
  OutgoingAnswerError,
  OutgoingConnectError,
  OutgoingError,
  OutgoingRequestError,
  OutgoingTimeoutError,
} from './outgoing/outgoing-errors.js';
export type { Http2Link, Http2LinkOptions } from './outgoing/http2-link.js';
export type { OutgoingClient, OutgoingRequest, OutgoingResponse } from './outgoing/outgoing-request.js';
export { PlatformModule } from './platform.module.js';
export { jitterMs } from './timing/jitter.js';
export { runLimited } from './timing/run-limited.js';
export { SchedulingModule } from './timing/scheduling.module.js';
export { WakeLoop, type WakeLoopOptions } from './timing/wake-loop.js';
export { withDeadline } from './timing/with-deadline.js';
