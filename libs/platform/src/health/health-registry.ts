import { AppError } from '#contracts';

export interface CheckResult {
  ok: boolean;
  /** Short, for operators; never a secret. */
  detail?: string;
}

/** Tells whether this process can do its part right now. Must be cheap: probes ask every few seconds. */
export type HealthCheck = () => CheckResult | Promise<CheckResult>;

export interface Readiness {
  status: 'ready' | 'not_ready' | 'stopping';
  checks: Record<string, CheckResult>;
}

/** A check that has not answered by then counts as failed. */
const CHECK_DEADLINE_MS = 2_000;

/** What this process needs to be of use. Ready when every registered check says so and shutdown has not begun. */
export class HealthRegistry {
  private readonly checks = new Map<string, HealthCheck>();
  private inFlight: Promise<Readiness> | null = null;
  private isStopping = false;

  constructor(private readonly checkDeadlineMs = CHECK_DEADLINE_MS) {}

  /**
   * @returns a function that takes the check away again
   * @throws AppError `HEALTH_CHECK_TWICE` (bug) when the name is taken
   */
  register(name: string, check: HealthCheck): () => void {
    if (this.checks.has(name)) {
      throw new AppError('HEALTH_CHECK_TWICE', 'bug', 'A health check of this name is registered already.', { name });
    }
    this.checks.set(name, check);
    return () => this.checks.delete(name);
  }

  /** From now on not ready, whatever the checks say: load balancers stop sending while the process drains. */
  beginShutdown(): void {
    this.isStopping = true;
  }

  /** Never rejects. Calls at the same time share one run of the checks. */
  readiness(): Promise<Readiness> {
    this.inFlight ??= this.run().finally(() => {
      this.inFlight = null;
    });
    return this.inFlight;
  }

  private async run(): Promise<Readiness> {
    const results = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await this.ask(check)] as const),
    );
    const isReady = results.every(([, result]) => result.ok);
    const status = this.isStopping ? 'stopping' : isReady ? 'ready' : 'not_ready';
    return { status, checks: Object.fromEntries(results) };
  }

  private async ask(check: HealthCheck): Promise<CheckResult> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<CheckResult>((resolve) => {
      const late = { ok: false, detail: `no answer within ${this.checkDeadlineMs} ms` };
      timer = setTimeout(() => resolve(late), this.checkDeadlineMs);
    });
    try {
      return await Promise.race([Promise.resolve().then(check), deadline]);
    } catch (error) {
      // The text of an error may hold a connection string; its code does not.
      const { code, name } = error as { code?: unknown; name?: unknown };
      return { ok: false, detail: String(code ?? name ?? 'failed') };
    } finally {
      clearTimeout(timer);
    }
  }
}
