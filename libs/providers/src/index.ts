export {
  CONTENT_FORMATS,
  type AddressEvent,
  type ChannelProvider,
  type ContentFormat,
  type InboundAnswer,
  type InboundRequest,
  type OutboundDelivery,
  type Outcome,
  type ProviderAccount,
  type ProviderFactory,
  type ProviderInbox,
  type ProviderNews,
  type ProviderReceipt,
  type QueryAnswer,
  type RecipientLimit,
  type RenderedContent,
  type Uplink,
} from './port/channel-provider.port.js';
export { TokenRefusedError, type FetchToken, type FetchedToken, type TokenCustody } from './port/token-custody.port.js';
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
