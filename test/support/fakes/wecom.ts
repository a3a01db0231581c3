import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readVendorRequest, type VendorRequest } from './misbehaving-vendor.js';
import { wecomBodyProblem } from './wecom-body.js';
import { WecomFakeCards } from './wecom-cards.js';

export interface WecomFakeOptions {
  corpId?: string;
  secret?: string;
  agentId?: number;
  /** Who is a member within the app's range; default: everybody but `nobody`. */
  isMember?: (userId: string) => boolean;
  /** Members without a licence. */
  unlicensed?: readonly string[];
}

/** One message on one member's phone. */
export interface WecomNotice {
  userId: string;
  message: Record<string, unknown>;
}

type Answer = { errcode: number; errmsg: string } & Record<string, unknown>;

const TOKEN_LIFE_MS = 7200_000;
const MAX_TOKEN_CALLS_A_MINUTE = 100;
const MAX_USERS = 1000;
const A_MINUTE = 60_000;
const AN_HOUR = 3600_000;
const MEMBER_LIMITS = [
  { max: 30, windowMs: A_MINUTE },
  { max: 1000, windowMs: AN_HOUR },
];

/**
 * WeCom's API on loopback, with its rules: one token an app, checked and expiring; ids compared without case and answered in lower case;
 * partial failure with errcode 0; a member's 31st message within a minute dropped without a word. `silent` is a member for whom no answer comes.
 */
export class WecomFake {
  /** What members see. */
  readonly inbox: WecomNotice[] = [];
  readonly requests: VendorRequest[] = [];
  /** Cards with buttons, which can be changed. */
  readonly cards = new WecomFakeCards();
  /** Answered success, delivered to nobody. */
  dropped = 0;
  /** The vendor's clock, ms. */
  now: () => number = Date.now;
  private readonly corpId: string;
  private readonly secret: string;
  private readonly agentId: number;
  private readonly isMember: (userId: string) => boolean;
  private readonly unlicensed: ReadonlySet<string>;
  private token: { value: string; expiresAt: number } | null = null;
  private readonly retired = new Set<string>();
  private tokens = 0;
  private messages = 0;
  private tokenCalls: number[] = [];
  private readonly received = new Map<string, number[]>();
  private readonly checked = new Map<string, number>();
  private nextAnswers: Answer[] = [];

  private constructor(
    private readonly server: Server,
    options: WecomFakeOptions,
  ) {
    this.corpId = options.corpId ?? 'ww-corp';
    this.secret = options.secret ?? 'wecom-secret-0123456789';
    this.agentId = options.agentId ?? 1_000_002;
    this.isMember = options.isMember ?? ((userId) => userId !== 'nobody');
    this.unlicensed = new Set(options.unlicensed ?? []);
    server.on('request', (request, response) => {
      void readVendorRequest(request).then((read) => {
        const answer = read && this.answer(read);
        if (answer) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    });
  }

  static async open(options: WecomFakeOptions = {}): Promise<WecomFake> {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return new WecomFake(server, options);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Settings of an account that fit. */
  get account(): { corpId: string; secret: string; agentId: number; baseUrl: string } {
    return { corpId: this.corpId, secret: this.secret, agentId: this.agentId, baseUrl: this.baseUrl };
  }

  /** WeCom may take a token back before its time. */
  revokeToken(): void {
    if (this.token) this.retired.add(this.token.value);
    this.token = null;
  }

  /** The next sends are answered with these codes. */
  refuse(...codes: number[]): void {
    this.nextAnswers = codes.map((code) => this.error(code, 'refused on purpose'));
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  /** Null: WeCom says nothing. */
  private answer(request: VendorRequest): Answer | null {
    this.requests.push(request);
    if (request.method === 'GET' && request.path === '/cgi-bin/gettoken') return this.giveToken(request.query);
    if (request.method === 'POST' && request.path === '/cgi-bin/message/send') return this.send(request);
    if (request.method === 'POST' && request.path === '/cgi-bin/message/update_template_card')
      return this.updateCard(request);
    return this.error(404, 'no such interface');
  }

  private giveToken(query: URLSearchParams): Answer {
    const now = this.now();
    this.tokenCalls = [...this.tokenCalls.filter((at) => at > now - A_MINUTE), now];
    if (this.tokenCalls.length > MAX_TOKEN_CALLS_A_MINUTE) return this.error(45009, 'api freq out of limit');
    if (query.get('corpid') !== this.corpId) return this.error(40013, 'invalid corpid');
    if (query.get('corpsecret') !== this.secret)
      return this.error(40001, `invalid credential: ${query.get('corpsecret')}`);
    if (!this.token || this.token.expiresAt <= now)
      this.token = { value: `wecom-token-${++this.tokens}`, expiresAt: now + TOKEN_LIFE_MS };
    return this.ok({ access_token: this.token.value, expires_in: Math.floor((this.token.expiresAt - now) / 1000) });
  }

  /** What is wrong with the token of a call. */
  private tokenProblem(query: URLSearchParams): Answer | null {
    const token = query.get('access_token');
    if (!token) return this.error(41001, 'access_token missing');
    if (this.retired.has(token)) return this.error(40014, `invalid access_token ${token}`);
    if (this.token?.value === token && this.token.expiresAt <= this.now())
      return this.error(42001, 'access_token expired');
    return this.token?.value === token ? null : this.error(40014, `invalid access_token ${token}`);
  }

  private updateCard({ query, body }: VendorRequest): Answer {
    const refused = this.tokenProblem(query) ?? this.nextAnswers.shift();
    if (refused) return refused;
    const update = JSON.parse(body) as Record<string, unknown>;
    if (update.agentid !== this.agentId) return this.error(40056, 'invalid agentid');
    const problem = this.cards.update(update, this.now());
    return problem ? this.error(problem.code, problem.words) : this.ok({ invaliduser: [] });
  }

  private send({ query, body }: VendorRequest): Answer | null {
    const refused = this.tokenProblem(query);
    if (refused) return refused;
    const planned = this.nextAnswers.shift();
    if (planned) return planned;
    const message = JSON.parse(body) as Record<string, unknown>;
    if (message.agentid !== this.agentId) return this.error(40056, 'invalid agentid');
    const users = String(message.touser ?? '')
      .split('|')
      .filter(Boolean);
    if (users.length === 0) return this.error(82001, 'all of touser, toparty and totag are empty');
    if (users.length > MAX_USERS) return this.error(40032, 'invalid userid list length');
    if (users.includes('silent')) return null;
    const problem = wecomBodyProblem(message);
    if (problem) return this.error(problem.code, problem.words);
    const taken = this.cards.problemOf(message);
    if (taken) return this.error(taken.code, taken.words);
    return this.deliver(users, message, body);
  }

  private deliver(users: readonly string[], message: Record<string, unknown>, body: string): Answer {
    const known = [...new Set(users.map((user) => user.toLowerCase()))];
    const invalid = known.filter((user) => !this.isMember(user));
    const unlicensed = known.filter((user) => this.isMember(user) && this.unlicensed.has(user));
    const reached = known.filter((user) => this.isMember(user) && !this.unlicensed.has(user));
    if (reached.length === 0)
      return this.error(81013, `user & party & tag all invalid, secret ${this.secret} ${'very '.repeat(2000)}`);
    const isRepetition = this.isRepetition(message, body);
    for (const userId of reached) {
      if (isRepetition || this.isOverLimit(userId)) this.dropped++;
      else this.inbox.push({ userId, message });
    }
    return this.ok({
      invaliduser: invalid.join('|'),
      ...(unlicensed.length > 0 && { unlicenseduser: unlicensed.join('|') }),
      msgid: `wecom-msg-${++this.messages}`,
      ...this.cards.keep(message, reached, this.now()),
    });
  }

  /** It compares the whole request, so two messages that say the same are one to it. */
  private isRepetition(message: Record<string, unknown>, body: string): boolean {
    const before = this.checked.get(body);
    this.checked.set(body, this.now());
    const intervalS = Number(message.duplicate_check_interval ?? 1800);
    return message.enable_duplicate_check === 1 && before !== undefined && before > this.now() - intervalS * 1000;
  }

  private isOverLimit(userId: string): boolean {
    const now = this.now();
    const times = (this.received.get(userId) ?? []).filter((at) => at > now - AN_HOUR);
    const isOver = MEMBER_LIMITS.some(({ max, windowMs }) => times.filter((at) => at > now - windowMs).length >= max);
    this.received.set(userId, isOver ? times : [...times, now]);
    return isOver;
  }

  private ok(more: Record<string, unknown>): Answer {
    return { errcode: 0, errmsg: 'ok', ...more };
  }

  private error(errcode: number, words: string): Answer {
    return { errcode, errmsg: `${words}, more info at https://open.work.weixin.qq.com/devtool/query?e=${errcode}` };
  }
}
