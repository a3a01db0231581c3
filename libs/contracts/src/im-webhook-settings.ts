/**
 * What libs/entities must know of the webhook of the IM door: what it is to be told is written in the transaction that makes it
 * so. An abstract class so that it can be injected; libs/platform fills it from the environment.
 */
export abstract class ImWebhookSettings {
  /** Undefined: there is none, and nothing is written for it. */
  abstract readonly IM_WEBHOOK_URL?: string;
}
