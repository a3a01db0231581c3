/**
 * Where a library that may not know libs/platform registers what it needs to be of use. An abstract class so that it can be
 * injected; libs/platform fills it with its registry.
 */
export abstract class HealthChecks {
  /** The check must be cheap: probes ask every few seconds. A rejection counts as not ready. */
  abstract register(name: string, check: () => Promise<{ ok: boolean; detail?: string }>): unknown;
}
