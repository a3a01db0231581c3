import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { SecretBox, sha256 } from '#platform';
import { testDatabase, type TestDatabase } from './database.js';
import { startApp, type AppName, type RunningApp } from './processes.js';
import { Sink } from './sink.js';
import { stablePort } from './stable-port.js';

export const FIVE_APPS = ['gateway', 'dispatcher', 'channel-worker', 'im-sync', 'reporting'] as const;

/** Longest wait for anything that should come soon, on a slow machine. */
const PATIENCE_MS = 30_000;

export interface CenterOptions {
  /** Migrated; dropped at the end. Default: one of the suite's server. */
  database?: TestDatabase;
  /** Of the broker; without it one standalone process is the whole center. */
  rabbitUrl?: string;
  /** Recipients of the directory, `u0` … , each with a webhook address at the sink. Default 20. */
  recipients?: number;
  /** For every process. */
  env?: Record<string, string>;
}

export interface SendOptions {
  /** Header `Idempotency-Key`. */
  key?: string;
  /** Refuses after this, ms. Default 10 s. */
  timeoutMs?: number;
}

/** The product as processes, on a database of its own, with a sink for what leaves it. */
export class Center {
  /** What runs, by name; a process that was killed is replaced by the next `start` of its name. */
  readonly apps = new Map<AppName, RunningApp>();
  readonly adminToken = randomBytes(16).toString('hex');
  readonly appId = 'shop';
  readonly appSecret = randomBytes(16).toString('hex');
  readonly token = randomUUID();
  /** What was accepted so far: id → deliveries it must come to. */
  readonly accepted = new Map<string, number>();
  private readonly masterKey = randomBytes(32);
  private readonly started: RunningApp[] = [];

  private constructor(
    readonly db: Pool,
    readonly sink: Sink,
    /** Of the gateway. */
    readonly port: number,
    private readonly database: TestDatabase,
    private readonly dataDir: string,
    private readonly options: CenterOptions,
  ) {}

  static async open(options: CenterOptions = {}): Promise<Center> {
    const database = options.database ?? (await testDatabase());
    const db = new Pool({ connectionString: database.url, max: 3, application_name: 'message-center-test' });
    db.on('error', () => undefined); // faults end its sessions, too
    const dataDir = await mkdtemp(join(tmpdir(), 'message-center-e2e-'));
    const center = new Center(db, await Sink.open(), await stablePort(), database, dataDir, options);
    await center.fill(options.recipients ?? 20);
    return center;
  }

  get databaseUrl(): string {
    return this.database.url;
  }

  /** Throws where one process is the whole center. */
  get rabbitUrl(): string {
    if (this.options.rabbitUrl === undefined) throw new Error('this center has no broker');
    return this.options.rabbitUrl;
  }

  get isDistributed(): boolean {
    return this.options.rabbitUrl !== undefined;
  }

  /** The process that does the work of this app. */
  hostOf(name: AppName): AppName {
    return this.isDistributed ? name : 'standalone';
  }

  async start(name: AppName, env: Record<string, string> = {}): Promise<RunningApp> {
    const app = await startApp(name, { env: { ...this.env(), ...env }, readyTimeoutMs: 60_000 });
    this.started.push(app);
    this.apps.set(name, app);
    return app;
  }

  async startAll(): Promise<void> {
    const names: readonly AppName[] = this.isDistributed ? FIVE_APPS : ['standalone'];
    const started = await Promise.allSettled(names.map((name) => this.start(name)));
    for (const one of started) if (one.status === 'rejected') throw one.reason as Error;
  }

  app(name: AppName): RunningApp {
    const app = this.apps.get(name);
    if (!app) throw new Error(`${name} does not run`);
    return app;
  }

  /** A call of the client app; throws where nobody answers in time. */
  call(method: string, path: string, body?: object, { key, timeoutMs = 10_000 }: SendOptions = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        connection: 'close', // a kept connection to a killed process would fail the next call
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(timeoutMs),
    });
  }

  /** Sends to recipients of the directory over the webhook channel; answers the id. Throws unless it is accepted. */
  async send(users: readonly string[], more: object = {}, options: SendOptions = {}): Promise<string> {
    const body = {
      to: { users },
      channels: { mode: 'list', list: ['webhook'] },
      content: { title: 'Hello', text: 'Hello there' },
      ...more,
    };
    const answer = await this.call('POST', '/v1/messages', body, options);
    const text = await answer.text();
    if (answer.status !== 202) throw new Error(`refused: ${answer.status} ${text}`);
    const { id } = JSON.parse(text) as { id: string };
    this.accepted.set(id, users.length);
    return id;
  }

  /** Asks until it is answered, as a caller does who does not know whether it was heard: with the same key each time. */
  async sendUntilAccepted(users: readonly string[], more: object = {}, key: string = randomUUID()): Promise<string> {
    for (const giveUpAt = Date.now() + PATIENCE_MS; ; await sleep(100)) {
      try {
        return await this.send(users, more, { key, timeoutMs: 5_000 });
      } catch (error) {
        if (Date.now() > giveUpAt) throw error;
      }
    }
  }

  async rows<T extends object>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.db.query<T>(sql, values)).rows;
  }

  /** A number out of the database. */
  async count(sql: string, values: unknown[] = []): Promise<number> {
    const [row] = await this.rows<{ count: string }>(sql, values);
    return Number(row?.count);
  }

  /** Lets pass the time until retries and hand-overs are due again. What a living worker holds stays its own. */
  async passTime(): Promise<void> {
    await this.db.query('UPDATE work SET due_at = now() WHERE due_at > now() AND lease_token IS NULL');
  }

  /** Lets pass the time until leases end, too. Only while no living process holds any: it would lose them. */
  async endLeases(): Promise<void> {
    await this.db.query('UPDATE work SET due_at = now() WHERE due_at > now()');
    await this.db.query('UPDATE callback SET due_at = now() WHERE due_at > now()');
  }

  /** Until these messages are completed and nothing is left to do, fold or report. */
  async untilDone(messageIds: readonly string[], patienceMs = PATIENCE_MS): Promise<void> {
    let left: unknown;
    for (const giveUpAt = Date.now() + patienceMs; Date.now() < giveUpAt; await sleep(50)) {
      [left] = await this.rows<{ open: number; work: number; settlements: number; callbacks: number }>(
        `SELECT (SELECT count(*) FROM unnest($1::uuid[]) AS x(id) LEFT JOIN message_state s ON s.message_id = x.id
                  WHERE s.status IS NULL OR s.status NOT IN ('completed', 'cancelled', 'expired'))::int AS open,
                (SELECT count(*) FROM work)::int AS work, (SELECT count(*) FROM settlement)::int AS settlements,
                (SELECT count(*) FROM callback)::int AS callbacks`,
        [messageIds],
      );
      if (Object.values(left as object).every((count) => count === 0)) return;
    }
    throw new Error(`after ${patienceMs} ms still left: ${JSON.stringify(left)}${this.lastWords()}`);
  }

  /** After faults: takes the workers away in order, ends the leases of dead ones, and lets others take over. */
  async recover(): Promise<void> {
    const names = [...new Set([this.hostOf('channel-worker'), this.hostOf('reporting')])];
    await Promise.all(names.map((name) => this.app(name).kill('SIGTERM')));
    await this.endLeases();
    await Promise.all(names.map((name) => this.start(name)));
  }

  /** Ends every process with SIGKILL and removes what was made. */
  async close(): Promise<void> {
    await Promise.allSettled(this.started.map((app) => app.kill('SIGKILL')));
    await this.sink.close();
    await this.db.end();
    await this.database.drop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  lastWords(): string {
    return [...this.apps.values()].map((app) => `\n--- ${app.name}\n${app.output().slice(-1500)}`).join('');
  }

  private env(): Record<string, string> {
    return {
      DATABASE_URL: this.database.url,
      DATABASE_POOL_SIZE: '4',
      MASTER_KEY: this.masterKey.toString('hex'),
      ADMIN_TOKEN: this.adminToken,
      OUTGOING_ALLOW: '127.0.0.0/8',
      SANDBOX: 'on',
      LOG_LEVEL: 'info',
      PORT: String(this.port),
      DATA_DIR: this.dataDir,
      ...(this.options.rabbitUrl === undefined ? {} : { RABBITMQ_URL: this.options.rabbitUrl }),
      ...this.options.env,
    };
  }

  private async fill(recipients: number): Promise<void> {
    const box = new SecretBox(this.masterKey);
    const webhookSecret = `whsec_${randomBytes(32).toString('base64')}`;
    await this.db.query(
      `INSERT INTO client_app (app_id, name, channels, features, secret, webhook_secret, rate_per_second)
       VALUES ($1, 'Shop', '{portal,sms,mail,webhook}', '{broadcast}', $2, $3, 100000)`,
      [
        this.appId,
        box.seal(this.appSecret, `client_app.secret:${this.appId}`),
        box.seal(webhookSecret, `client_app.webhook_secret:${this.appId}`),
      ],
    );
    await this.db.query(`INSERT INTO access_token VALUES ($1, $2, now() + interval '1 hour')`, [
      sha256(this.token),
      this.appId,
    ]);
    await this.db.query(`INSERT INTO provider_account (channel, id, provider) VALUES ('webhook', 'sink', 'webhook')`);
    await this.db.query(
      `INSERT INTO recipient (user_id, name) SELECT 'u' || n, 'Number ' || n FROM generate_series(0, $1 - 1) n`,
      [recipients],
    );
    await this.db.query(
      `INSERT INTO recipient_address (user_id, channel, address) SELECT user_id, 'webhook', $1 || user_id FROM recipient`,
      [this.sink.addressOf('')],
    );
  }
}
