import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readVendorRequest, type VendorRequest } from './misbehaving-vendor.js';
import { FakeWechatTokens, type Reply } from './wechat-tokens.js';

export interface FakeTemplate {
  template_id: string;
  title: string;
  primary_industry: string;
  deputy_industry: string;
  content: string;
  example: string;
}

/** A message that the fake showed to a person. */
export interface ShownMessage {
  msgid: string;
  openid: string;
  template_id: string;
  url?: string;
  miniprogram?: { appid: string; pagepath?: string };
  client_msg_id?: string;
  data: Record<string, { value: string }>;
}

const ONCE_FOR_MS = 600_000;
const DAY_MS = 86_400_000;
/** Ids as WeChat gives them: no double holds them. */
const FIRST_MSGID = 3_487_542_469_355_618_313n;

export const FAKE_TEMPLATE: FakeTemplate = {
  template_id: 'tpl-notice',
  title: '通知',
  primary_industry: 'IT科技',
  deputy_industry: 'IT软件与服务',
  content: '标题：{{thing1.DATA}}\n内容：{{thing2.DATA}}',
  example: '标题：放假\n内容：周五下午放假',
};

/** Characters that a category template takes, by kind of field; more is refused. */
const FIELD_LENGTHS: Readonly<Record<string, number>> = { thing: 20, phrase: 5, character_string: 32, number: 32 };

/**
 * One WeChat public account with its API, on loopback. Keeps the vendor's rules: tokens (see there), one openid a call,
 * `client_msg_id` counts once in ten minutes, templates and their fields must fit, a daily quota. An openid `errcode-<n>` is answered with that errcode, `silent` not at all.
 */
export class FakeWechat {
  readonly tokens = new FakeWechatTokens(() => this.now());
  readonly templates: FakeTemplate[] = [{ ...FAKE_TEMPLATE }];
  readonly shown: ShownMessage[] = [];
  readonly requests: VendorRequest[] = [];
  readonly unsubscribed = new Set<string>();
  /** Openids of those who follow the account, with their unionids where they have one. */
  readonly followers = new Map<string, string | null>();
  followersAPage = 10_000;
  /** Answer of the list of templates, where it is not 0. */
  listErrcode = 0;
  /** Messages a day, counted from the start of this server. */
  quota = 100_000;
  running = 0;
  mostRunning = 0;
  private skewMs = 0;
  private readonly startedAtMs = Date.now();
  private sentToday = { day: 0, count: 0 };
  private readonly once = new Map<string, { msgid: string; untilMs: number }>();
  private nextMsgid = FIRST_MSGID;

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.take(request, response));
  }

  static async open(): Promise<FakeWechat> {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return new FakeWechat(server);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Requests to a path of the API. */
  callsOf(path: string): VendorRequest[] {
    return this.requests.filter((request) => request.path === path);
  }

  /** Lets time pass for this server alone. */
  advance(ms: number): void {
    this.skewMs += ms;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private now(): number {
    return Date.now() + this.skewMs;
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const read = await readVendorRequest(request);
    if (!read) return; // the caller hung up
    this.requests.push(read);
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    await new Promise((turn) => setImmediate(turn));
    this.running--;
    const reply = this.replyTo(read);
    if (!reply) return;
    // The ids are numbers on the wire, however long.
    const text = JSON.stringify(reply).replace(/"msgid":"(\d+)"/, '"msgid":$1');
    response.writeHead(200, { 'content-type': 'application/json; encoding=utf-8' }).end(text);
  }

  private replyTo(request: VendorRequest): Reply | null {
    switch (`${request.method} ${request.path}`) {
      case 'POST /cgi-bin/stable_token':
        return this.tokens.askStable(parsed(request.body) ?? {});
      case 'GET /cgi-bin/token':
        return this.tokens.askLegacy(Object.fromEntries(request.query));
      case 'POST /cgi-bin/message/template/send':
        return this.tokens.problemOf(request.query.get('access_token')) ?? this.send(parsed(request.body));
      case 'GET /cgi-bin/template/get_all_private_template':
        return this.tokens.problemOf(request.query.get('access_token')) ?? this.list();
      case 'GET /cgi-bin/user/get':
        return this.tokens.problemOf(request.query.get('access_token')) ?? this.followersAfter(request.query);
      case 'POST /cgi-bin/user/info/batchget':
        return this.tokens.problemOf(request.query.get('access_token')) ?? this.people(parsed(request.body));
      default:
        return { errcode: -1, errmsg: `no such call: ${request.method} ${request.path}` };
    }
  }

  private followersAfter(query: URLSearchParams): Reply {
    const all = [...this.followers.keys()];
    const from = all.indexOf(query.get('next_openid') ?? '') + 1;
    const openid = all.slice(from, from + this.followersAPage);
    return {
      total: all.length,
      count: openid.length,
      ...(openid.length > 0 && { data: { openid } }),
      next_openid: openid.at(-1) ?? '',
    };
  }

  private people(asked: Record<string, unknown> | null): Reply {
    const list = (asked?.['user_list'] ?? []) as { openid: string }[];
    if (list.length > 100) return { errcode: 40032, errmsg: 'invalid openid list size' };
    if (list.some(({ openid }) => !this.followers.has(openid))) return { errcode: 40003, errmsg: 'invalid openid' };
    return {
      user_info_list: list.map(({ openid }) => {
        const unionid = this.followers.get(openid) ?? null;
        return { subscribe: 1, openid, ...(unionid !== null && { unionid }) };
      }),
    };
  }

  private list(): Reply {
    return this.listErrcode === 0
      ? { template_list: this.templates }
      : { errcode: this.listErrcode, errmsg: 'refused on purpose' };
  }

  private send(message: Record<string, unknown> | null): Reply | null {
    if (!message) return { errcode: 47001, errmsg: 'data format error' };
    const { touser: openid, template_id: templateId, client_msg_id: clientMsgId, data } = message;
    if (openid === 'silent') return null;
    const scripted = /^errcode-(-?\d+)$/.exec(String(openid));
    if (scripted) return { errcode: Number(scripted[1]), errmsg: `${this.tokens.appSecret} `.repeat(40) };
    const isUnionid = [...this.followers.values()].some((unionid) => unionid !== null && unionid === openid);
    if (typeof openid !== 'string' || isUnionid || !/^o[\w-]{5,40}$/.test(openid))
      return { errcode: 40003, errmsg: 'invalid openid' };
    if (this.unsubscribed.has(openid)) return { errcode: 43004, errmsg: 'require subscribe' };
    const template = this.templates.find((one) => one.template_id === templateId);
    if (!template) return { errcode: 40037, errmsg: 'invalid template_id' };
    const bad = fieldProblem(template, data);
    if (bad) return { errcode: 47003, errmsg: `argument invalid! data.${bad}` };
    const key = `${openid}\n${String(clientMsgId)}`;
    const before = this.once.get(key);
    if (clientMsgId !== undefined && before && before.untilMs > this.now())
      return { errcode: 0, errmsg: 'ok', msgid: before.msgid };
    if (!this.takeQuota()) return { errcode: 45009, errmsg: 'reach max api daily quota limit' };
    const msgid = String(this.nextMsgid++);
    this.once.set(key, { msgid, untilMs: this.now() + ONCE_FOR_MS });
    const { url, miniprogram } = message;
    this.shown.push({
      msgid,
      openid,
      template_id: template.template_id,
      data: data as ShownMessage['data'],
      ...(clientMsgId === undefined ? {} : { client_msg_id: String(clientMsgId) }),
      ...(url === undefined ? {} : { url: String(url) }),
      ...(miniprogram === undefined ? {} : { miniprogram: miniprogram as { appid: string } }),
    });
    return { errcode: 0, errmsg: 'ok', msgid };
  }

  private takeQuota(): boolean {
    const day = Math.floor((this.now() - this.startedAtMs) / DAY_MS);
    if (this.sentToday.day !== day) this.sentToday = { day, count: 0 };
    if (this.sentToday.count >= this.quota) return false;
    this.sentToday.count++;
    return true;
  }
}

function fieldProblem({ content }: FakeTemplate, data: unknown): string | null {
  const fields = [...content.matchAll(/\{\{(\w+)\.DATA\}\}/g)].map((match) => match[1] ?? '');
  for (const field of fields.filter((name) => name !== 'first' && name !== 'remark')) {
    const value = (data as Record<string, { value?: unknown }> | undefined)?.[field]?.value;
    if (typeof value !== 'string' || value === '') return `${field}.value is empty`;
    const limit = FIELD_LENGTHS[field.replace(/(?<!\d)\d+$/, '')];
    if (limit !== undefined && ([...value].length > limit || /[\r\n]/.test(value))) return `${field}.value invalid`;
  }
  return null;
}

function parsed(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
