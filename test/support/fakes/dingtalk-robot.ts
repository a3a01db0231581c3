import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readVendorRequest, type VendorRequest } from './misbehaving-vendor.js';

export interface DingtalkRobotFakeOptions {
  accessToken?: string;
  /** Requests must be signed with it. */
  signSecret?: string;
  /** Messages must hold it. */
  keyword?: string;
}

type Answer = { errcode: number; errmsg: string };
type Post = { msgtype: string; at?: { atUserIds?: string[] } } & Record<string, unknown>;

const MINUTE_MS = 60_000;
const MAX_A_MINUTE = 20;
const PENALTY_MS = 600_000;
const HOUR_MS = 3600_000;
const MAX_BYTES = 20_000;

/**
 * A robot of a DingTalk group on loopback, with its rules: signature and keyword, a clock within an hour, 20 messages a minute and then ten minutes
 * of silence. Mentioning `silent` brings no answer.
 */
export class DingtalkRobotFake {
  /** What the group sees. */
  readonly posts: Post[] = [];
  readonly requests: VendorRequest[] = [];
  now: () => number = Date.now;
  readonly accessToken: string;
  private times: number[] = [];
  private limitedUntil = 0;

  private constructor(
    private readonly server: Server,
    private readonly options: DingtalkRobotFakeOptions,
  ) {
    this.accessToken = options.accessToken ?? 'robot-token-0123456789';
    server.on('request', (request, response) => {
      void readVendorRequest(request).then((read) => {
        const answer = read && this.answer(read);
        if (answer) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    });
  }

  static async open(options: DingtalkRobotFakeOptions = {}): Promise<DingtalkRobotFake> {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return new DingtalkRobotFake(server, options);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  /** Null: it says nothing. */
  private answer(request: VendorRequest): Answer | null {
    this.requests.push(request);
    const { method, path, query, headers, body } = request;
    if (method !== 'POST' || path !== '/robot/send') return error(404, 'no such address');
    if (!headers['content-type']?.startsWith('application/json')) return error(43004, 'invalid content type');
    if (query.get('access_token') !== this.accessToken)
      return error(300001, `token ${query.get('access_token')} is not exist`);
    const problem = this.signatureProblem(query) ?? this.keywordProblem(body);
    if (problem !== null) return error(310000, problem);
    const post = JSON.parse(body) as Post;
    const content = post[post.msgtype] as Record<string, unknown> | undefined;
    if (!['text', 'markdown'].includes(post.msgtype) || !(content?.content ?? content?.text))
      return error(40035, 'missing required parameter');
    if (Buffer.byteLength(body) > MAX_BYTES) return error(460101, 'message too long');
    if (post.at?.atUserIds?.includes('silent')) return null;
    if (this.isTooFast()) return error(130101, 'send too fast, exceed 20 times per minute');
    this.posts.push(post);
    return { errcode: 0, errmsg: 'ok' };
  }

  private signatureProblem(query: URLSearchParams): string | null {
    const secret = this.options.signSecret;
    if (secret === undefined) return null;
    const timestamp = query.get('timestamp') ?? '';
    if (!(Math.abs(Number(timestamp) - this.now()) < HOUR_MS)) return 'invalid timestamp';
    const expected = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
    return query.get('sign') === expected ? null : `sign not match, more: ${secret} ${'very '.repeat(2000)}`;
  }

  private keywordProblem(body: string): string | null {
    const { keyword } = this.options;
    return keyword === undefined || body.includes(keyword) ? null : 'keywords not in content';
  }

  private isTooFast(): boolean {
    const now = this.now();
    if (now < this.limitedUntil) return true;
    this.times = [...this.times.filter((at) => at > now - MINUTE_MS), now];
    if (this.times.length <= MAX_A_MINUTE) return false;
    this.limitedUntil = now + PENALTY_MS;
    return true;
  }
}

const error = (errcode: number, errmsg: string): Answer => ({ errcode, errmsg });
