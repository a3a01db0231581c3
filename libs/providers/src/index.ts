export type {
  ChannelProvider,
  OutboundDelivery,
  Outcome,
  ProviderAccount,
  ProviderFactory,
  RenderedContent,
} from './port/channel-provider.port.js';
export type { SandboxMessage, SandboxReceipt, SandboxStore } from './port/sandbox-store.port.js';
export { ProviderRegistry } from './registry/provider-registry.js';
export { type SettingsProblem } from './registry/read-settings.js';
export { SandboxFactory } from './sandbox/sandbox.factory.js';
export { SANDBOX_RECIPIENTS, sandboxRecipientOf, type SandboxRecipient } from './sandbox/sandbox.outcomes.js';
export { SandboxSettings } from './sandbox/sandbox.settings.js';
export { SmtpFactory } from './smtp/smtp.factory.js';
export { SmtpSettings } from './smtp/smtp.settings.js';
export { WebhookFactory } from './webhook/webhook.factory.js';
export { WebhookSettings } from './webhook/webhook.settings.js';
