import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readVendorRequest, type VendorRequest } from './misbehaving-vendor.js';

/** A push as a device gets it. */
export interface UmengPush {
  token: string;
  isIos: boolean;
  payload: Record<string, unknown>;
  productionMode: string;
}

interface UmengBody {
  appkey: string;
  timestamp: string;
  type: string;
  device_tokens: string;
  payload: { display_type?: string; body?: Record<string, unknown>; aps?: object } & Record<string, unknown>;
  policy?: { expire_time?: string };
  production_mode?: string;
}

const MAX_SKEW_MS = 600_000;
const MAX_PAYLOAD = 1840;
const CHINA_MS = 8 * 3600_000;
const SEVEN_DAYS_MS = 7 * 86_400_000;

/**
 * Umeng's API on loopback: two apps, each with its secret; the MD5 of method, address, body and secret; a clock within ten minutes; one token
 * a unicast, 500 a listcast; no field of a notification empty. `refused` among the tokens fails the whole call, `silent` brings no answer.
 */
export class UmengFake {
  readonly inbox: UmengPush[] = [];
  readonly requests: VendorRequest[] = [];
  now: () => number = Date.now;
  readonly apps = {
    android: { appKey: 'android0app0key0', secret: 'android0secret0123456789' },
    ios: { appKey: 'ios0app0key00000', secret: 'ios0secret0123456789abcd' },
  };
  private refusals: string[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      void readVendorRequest(request).then((read) => {
        const answer = read && this.answer(read);
        if (answer)
          response
            .writeHead(answer.ret === 'SUCCESS' ? 200 : 400, { 'content-type': 'application/json' })
            .end(JSON.stringify(answer));
      });
    });
  }

  static async open(): Promise<UmengFake> {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return new UmengFake(server);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Settings of an account that fit. */
  get account(): Record<'appKey' | 'appMasterSecret' | 'iosAppKey' | 'iosAppMasterSecret' | 'baseUrl', string> {
    const { android, ios } = this.apps;
    return {
      appKey: android.appKey,
      appMasterSecret: android.secret,
      iosAppKey: ios.appKey,
      iosAppMasterSecret: ios.secret,
      baseUrl: this.baseUrl,
    };
  }

  /** The next calls are refused with these codes. */
  refuse(...codes: string[]): void {
    this.refusals = codes;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private answer(request: VendorRequest): { ret: string; data: object } | null {
    this.requests.push(request);
    if (request.method !== 'POST' || request.path !== '/api/send') return refusal('2021', 'no such interface');
    const body = JSON.parse(request.body) as UmengBody;
    const app = Object.values(this.apps).find(({ appKey }) => appKey === body.appkey);
    if (!app) return refusal('2021', 'appkey not exist');
    const signed = `POST${this.baseUrl}${request.path}${request.body}${app.secret}`;
    if (request.query.get('sign') !== createHash('md5').update(signed).digest('hex'))
      return refusal('2027', `sign error, ${app.secret} ${'very '.repeat(2000)}`);
    if (!(Math.abs(Number(body.timestamp) - this.now()) < MAX_SKEW_MS)) return refusal('2028', 'timestamp expired');
    const tokens = body.device_tokens.split(',');
    if (tokens.includes('silent')) return null;
    const scripted = this.refusals.shift();
    if (scripted !== undefined) return refusal(scripted, 'refused on purpose');
    const problem = this.problemOf(body, tokens);
    if (problem) return refusal(...problem);
    const isIos = app === this.apps.ios;
    for (const token of tokens)
      this.inbox.push({ token, isIos, payload: body.payload, productionMode: body.production_mode ?? 'true' });
    return { ret: 'SUCCESS', data: { msg_id: `um${this.requests.length}` } };
  }

  private problemOf({ type, payload, policy }: UmengBody, tokens: string[]): [code: string, words: string] | null {
    const most = { unicast: 1, listcast: 500 }[type];
    if (most === undefined) return ['1012', 'type'];
    if (tokens.length > most || tokens.includes('refused'))
      return ['2009', `device_tokens invalid ${this.apps.android.secret} ${'very '.repeat(2000)}`];
    if (Buffer.byteLength(JSON.stringify(payload)) > MAX_PAYLOAD) return ['2022', 'too long'];
    const { display_type: display, body = {}, aps } = payload;
    if (!aps && display === 'notification' && ['ticker', 'title', 'text', 'after_open'].some((name) => !body[name]))
      return ['1007', 'a field of the notification is empty'];
    if (!aps && display === 'message' && !body.custom) return ['1003', 'custom is empty'];
    if (!aps && display !== 'notification' && display !== 'message') return ['1004', 'display_type'];
    const until = policy?.expire_time;
    if (until === undefined) return null;
    const at = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(until)
      ? Date.parse(`${until.replace(' ', 'T')}Z`) - CHINA_MS
      : NaN;
    if (!(at > this.now() - 1000)) return ['2001', 'expire_time is over'];
    return at > this.now() + SEVEN_DAYS_MS ? ['2040', 'expire_time is more than 7 days away'] : null;
  }
}

const refusal = (error_code: string, error_msg: string): { ret: string; data: object } => ({
  ret: 'FAIL',
  data: { error_code, error_msg },
});
