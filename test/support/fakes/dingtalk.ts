import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dingtalkBodyProblem } from './dingtalk-body.js';
import { readVendorRequest, type VendorRequest } from './misbehaving-vendor.js';

export interface DingtalkFakeOptions {
  appKey?: string;
  appSecret?: string;
  agentId?: number;
  /** Who is in the company; default: everybody but `nobody`. */
  isPerson?: (userId: string) => boolean;
}

/** One notice on one person's phone. */
export interface DingtalkNotice {
  userId: string;
  message: Record<string, unknown>;
}

type Answer = { errcode: number; errmsg: string } & Record<string, unknown>;

interface Task {
  id: number;
  madeAt: number;
  /** Questions for its progress until it is done. */
  pending: number;
  invalid: string[];
  forbidden: { userid: string; code: string; count: number }[];
  reached: string[];
  failed: string[];
}

const TOKEN_LIFE_MS = 7200_000;
const DAY_MS = 86_400_000;
const MAX_USERS = 100;
const MAX_A_DAY = 500;
const CONVERSATION = '/topapi/message/corpconversation';

/**
 * DingTalk's work notices on loopback, with their rules: every send is a task that is taken at once; whom it did not reach stands only in its
 * result: strangers, the same words twice a day, more than 500 a day. Tasks are known for a day. `silent` is a person for whom no answer comes,
 * `unlucky` one whose notice fails, `malformed` an id that makes it refuse the whole call.
 */
export class DingtalkFake {
  /** What people see. */
  readonly inbox: DingtalkNotice[] = [];
  readonly requests: VendorRequest[] = [];
  /** The vendor's clock, ms. */
  now: () => number = Date.now;
  /** Questions for the progress of a new task that are answered with "running". */
  pendingProgress = 0;
  private readonly appKey: string;
  private readonly appSecret: string;
  private readonly agentId: number;
  private readonly isPerson: (userId: string) => boolean;
  private token: { value: string; expiresAt: number } | null = null;
  private tokens = 0;
  private readonly tasks = new Map<number, Task>();
  private readonly readers = new Set<string>();
  private readonly seen = new Map<string, number>();
  private readonly received = new Map<string, number>();
  private nextAnswers: Answer[] = [];

  private constructor(
    private readonly server: Server,
    options: DingtalkFakeOptions,
  ) {
    this.appKey = options.appKey ?? 'ding-app-key';
    this.appSecret = options.appSecret ?? 'dingtalk-secret-0123456789';
    this.agentId = options.agentId ?? 1_234_567_890;
    this.isPerson = options.isPerson ?? ((userId) => userId !== 'nobody');
    server.on('request', (request, response) => {
      void readVendorRequest(request).then((read) => {
        const answer = read && this.answer(read);
        if (answer) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    });
  }

  static async open(options: DingtalkFakeOptions = {}): Promise<DingtalkFake> {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return new DingtalkFake(server, options);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Settings of an account that fit. */
  get account(): { appKey: string; appSecret: string; agentId: number; baseUrl: string } {
    return { appKey: this.appKey, appSecret: this.appSecret, agentId: this.agentId, baseUrl: this.baseUrl };
  }

  /** The person opens everything they have got. */
  read(userId: string): void {
    this.readers.add(userId);
  }

  revokeToken(): void {
    this.token = null;
  }

  /** The next sends are answered with these codes; with a `sub_code` where one is given after a slash (`88/60011`). */
  refuse(...codes: string[]): void {
    this.nextAnswers = codes.map((text) => {
      const [code, sub] = text.split('/');
      const hidden = sub === undefined ? {} : { sub_code: sub, sub_msg: 'the real reason' };
      return {
        ...error(Number(code), `refused on purpose, secret ${this.appSecret} ${'very '.repeat(2000)}`),
        ...hidden,
      };
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  /** Null: DingTalk says nothing. */
  private answer(request: VendorRequest): Answer | null {
    this.requests.push(request);
    if (request.method === 'GET' && request.path === '/gettoken') return this.giveToken(request.query);
    if (request.method !== 'POST' || !request.path.startsWith(`${CONVERSATION}/`)) return error(404, 'no such address');
    const given = request.query.get('access_token');
    if (!this.token || this.token.value !== given || this.token.expiresAt <= this.now())
      return { ...error(88, 'ding talk error'), sub_code: '40014', sub_msg: `invalid access_token ${given ?? ''}` };
    const body = JSON.parse(request.body) as Record<string, unknown>;
    if (body.agent_id !== this.agentId) return error(400002, 'invalid agent_id');
    switch (request.path.slice(CONVERSATION.length + 1)) {
      case 'asyncsend_v2':
        return this.send(body);
      case 'getsendprogress':
        return this.progress(body.task_id);
      case 'getsendresult':
        return this.result(body.task_id);
      default:
        return error(404, 'no such address');
    }
  }

  /** Unlike WeChat's, the token stays the same while it is good, and each request makes it good for the whole time again. */
  private giveToken(query: URLSearchParams): Answer {
    if (query.get('appkey') !== this.appKey) return error(40096, 'invalid appkey');
    if (query.get('appsecret') !== this.appSecret) return error(40089, `invalid appsecret ${query.get('appsecret')}`);
    const now = this.now();
    const isGood = this.token !== null && this.token.expiresAt > now;
    this.token = {
      value: isGood && this.token ? this.token.value : `ding-token-${++this.tokens}`,
      expiresAt: now + TOKEN_LIFE_MS,
    };
    return ok({ access_token: this.token.value, expires_in: TOKEN_LIFE_MS / 1000 });
  }

  private send({ userid_list: list, msg }: Record<string, unknown>): Answer | null {
    const planned = this.nextAnswers.shift();
    if (planned) return planned;
    const users = String(list ?? '')
      .split(',')
      .filter(Boolean);
    if (users.length === 0) return error(1430000, 'nobody to send to');
    if (users.length > MAX_USERS) return error(40035, 'userid_list holds more than 100');
    if (users.includes('silent')) return null;
    if (users.includes('malformed'))
      return error(33012, `invalid userid, secret ${this.appSecret} ${'very '.repeat(2000)}`);
    const message = msg as Record<string, unknown>;
    const problem = dingtalkBodyProblem(message);
    if (problem) return error(problem.code, problem.words);
    const id = 256_271_667_000 + this.tasks.size + 1;
    this.tasks.set(id, this.deliver(id, [...new Set(users)], message));
    return ok({ task_id: id, request_id: `request-${id}` });
  }

  private deliver(id: number, users: readonly string[], message: Record<string, unknown>): Task {
    const task: Task = {
      id,
      madeAt: this.now(),
      pending: this.pendingProgress,
      invalid: [],
      forbidden: [],
      reached: [],
      failed: [],
    };
    const day = Math.floor((this.now() + 8 * 3600_000) / DAY_MS);
    for (const userid of users) {
      const words = `${day}/${userid}/${JSON.stringify(message)}`;
      const count = (this.received.get(`${day}/${userid}`) ?? 0) + 1;
      if (!this.isPerson(userid)) task.invalid.push(userid);
      else if (this.seen.has(words)) task.forbidden.push({ userid, code: '143106', count: 1 });
      else if (count > MAX_A_DAY) task.forbidden.push({ userid, code: '143105', count: MAX_A_DAY });
      else if (userid === 'unlucky') task.failed.push(userid);
      else {
        this.seen.set(words, id);
        this.received.set(`${day}/${userid}`, count);
        task.reached.push(userid);
        this.inbox.push({ userId: userid, message });
      }
    }
    return task;
  }

  private progress(taskId: unknown): Answer {
    const task = this.find(taskId);
    if (!task) return error(400002, 'task does not exist');
    const isDone = task.pending-- <= 0;
    return ok({ progress: isDone ? { progress_in_percent: 100, status: 2 } : { progress_in_percent: 40, status: 1 } });
  }

  private result(taskId: unknown): Answer {
    const task = this.find(taskId);
    if (!task) return error(400002, 'task does not exist');
    return ok({
      send_result: {
        invalid_user_id_list: task.invalid,
        forbidden_user_id_list: task.forbidden.map(({ userid }) => userid),
        forbidden_list: task.forbidden,
        failed_user_id_list: task.failed,
        read_user_id_list: task.reached.filter((userId) => this.readers.has(userId)),
        unread_user_id_list: task.reached.filter((userId) => !this.readers.has(userId)),
        invalid_dept_id_list: [],
      },
    });
  }

  private find(taskId: unknown): Task | undefined {
    const task = this.tasks.get(Number(taskId));
    return task && task.madeAt > this.now() - DAY_MS ? task : undefined;
  }
}

const ok = (more: Record<string, unknown>): Answer => ({ errcode: 0, errmsg: 'ok', ...more });
const error = (errcode: number, errmsg: string): Answer => ({ errcode, errmsg });
