import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readVendorRequest, type VendorRequest } from './misbehaving-vendor.js';

interface JpushBody {
  cid?: string;
  platform: unknown;
  audience: { registration_id: string[] };
  notification?: Record<'android' | 'ios', { alert?: unknown } & Record<string, unknown>>;
  message?: { msg_content?: unknown } & Record<string, unknown>;
  options?: Record<string, unknown>;
}

/** A push as a device gets it. */
export interface JpushPush {
  token: string;
  said: Omit<JpushBody, 'cid' | 'audience' | 'platform'>;
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  json: unknown;
}

const MAX_DEVICES = 1000;

/**
 * JPush's two APIs on loopback: basic authentication; keys (`cid`) that must have been asked for, at most ten at a time, and with which a
 * call is answered again without pushing; at most 1,000 devices a call. `ghost…` are no devices, of which a call may name some; `refused`
 * fails a whole call; `silent` brings no answer. Ids of messages do not fit into a double.
 */
export class JpushFake {
  readonly inbox: JpushPush[] = [];
  readonly requests: VendorRequest[] = [];
  readonly appKey = 'jpush0app0key0123456789a';
  readonly masterSecret = 'jpush0secret0123456789ab';
  /** What the report says of a device; `1`: not yet. */
  statusOf: (token: string) => number = () => 0;
  /** May the app ask for reports? */
  hasReports = true;
  /** The next push is taken, and its answer lost. */
  losesAnswer = false;
  private readonly cids = new Set<string>();
  private readonly answered = new Map<string, Answer>();
  private readonly targets = new Map<string, string[]>();
  private refusals: { status: number; code: number; resetS?: number }[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      void readVendorRequest(request).then((read) => {
        const answer = read && this.answer(read);
        if (answer === 'lost') response.socket?.resetAndDestroy();
        else if (answer)
          response
            .writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
            // As a number, which is how JPush may write an id.
            .end(JSON.stringify(answer.json).replace(/"msg_id":"(\d+)"/, '"msg_id":$1'));
      });
    });
  }

  static async open(): Promise<JpushFake> {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return new JpushFake(server);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Settings of an account that fit. */
  get account(): Record<'appKey' | 'masterSecret' | 'baseUrl' | 'reportUrl', string> {
    const { appKey, masterSecret, baseUrl } = this;
    return { appKey, masterSecret, baseUrl, reportUrl: baseUrl };
  }

  get pushes(): VendorRequest[] {
    return this.requests.filter(({ path }) => path === '/v3/push');
  }

  /** The next pushes are refused so. */
  refuse(...refusals: { status: number; code: number; resetS?: number }[]): void {
    this.refusals = refusals;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private answer(request: VendorRequest): Answer | 'lost' | null {
    this.requests.push(request);
    const basic = Buffer.from(`${this.appKey}:${this.masterSecret}`).toString('base64');
    if (request.headers.authorization !== `Basic ${basic}`)
      return refusal(401, 1004, `Authen failed ${request.headers.authorization ?? ''}`);
    switch (`${request.method} ${request.path}`) {
      case 'GET /v3/push/cid':
        return this.issueCids(Math.min(Number(request.query.get('count')), 10));
      case 'POST /v3/push':
        return this.push(JSON.parse(request.body) as JpushBody);
      case 'POST /v3/status/message':
        return this.report(request.body);
      default:
        return refusal(404, 1002, 'no such interface');
    }
  }

  private issueCids(count: number): Answer {
    const cidlist = Array.from({ length: count }, () => `${this.appKey}-${randomUUID()}`);
    for (const cid of cidlist) this.cids.add(cid);
    return { status: 200, json: { cidlist } };
  }

  private push({ cid, audience, platform, ...said }: JpushBody): Answer | 'lost' | null {
    const tokens = audience.registration_id;
    if (tokens.includes('silent')) return null;
    if (cid === undefined || !this.cids.has(cid)) return refusal(400, 1003, 'cid is invalid');
    const before = this.answered.get(cid);
    if (before) return before;
    const scripted = this.refusals.shift();
    if (scripted) return refusal(scripted.status, scripted.code, 'refused on purpose', scripted.resetS);
    if (tokens.length > MAX_DEVICES || tokens.includes('refused'))
      return refusal(400, 1003, `registration_id invalid ${this.masterSecret} ${'very '.repeat(2000)}`);
    const isComplete = said.notification
      ? [said.notification.android.alert, said.notification.ios.alert].every(Boolean)
      : Boolean(said.message?.msg_content);
    if (platform !== 'all' || !isComplete) return refusal(400, 1002, 'a parameter is missing');
    const devices = tokens.filter((token) => !token.startsWith('ghost'));
    if (devices.length === 0) return refusal(400, 1011, 'cannot find user by this audience');
    for (const token of devices) this.inbox.push({ token, said });
    const msgId = `5829${String(10_000_000_000_000 + this.pushes.length)}`;
    this.targets.set(msgId, tokens);
    const answer = { status: 200, json: { sendno: '0', msg_id: msgId } };
    this.answered.set(cid, answer);
    if (!this.losesAnswer) return answer;
    this.losesAnswer = false;
    return 'lost';
  }

  private report(body: string): Answer {
    if (!this.hasReports) return refusal(403, 2004, 'no right to ask');
    const msgId = /"msg_id":(\d+)/.exec(body)?.[1] ?? '';
    const { registration_ids: tokens } = JSON.parse(body) as { registration_ids: string[] };
    const targets = this.targets.get(msgId) ?? [];
    const statusOf = (token: string): number => (targets.includes(token) ? this.statusOf(token) : 3);
    return { status: 200, json: Object.fromEntries(tokens.map((token) => [token, { status: statusOf(token) }])) };
  }
}

const refusal = (status: number, code: number, message: string, resetS?: number): Answer => ({
  status,
  ...(resetS === undefined ? {} : { headers: { 'x-rate-limit-reset': String(resetS) } }),
  json: { error: { code, message } },
});
