import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { aliyunSignatureProblem } from './aliyun-signature.js';
import { readVendorRequest, type VendorRequest } from './misbehaving-vendor.js';

export interface TakenSms {
  phone: string;
  signName: string;
  templateCode: string;
  params: Record<string, string>;
  outId: string;
  bizId: string;
  /** By the vendor's clock in China, `2026-03-04 05:06:07`. */
  sendDate: string;
  /** 1 no word yet, 2 failed, 3 delivered. */
  sendStatus: 1 | 2 | 3;
  errCode: string;
}

interface Template {
  /** Placeholders `${name}`. */
  text: string;
  /** Codes may go to a number once a minute, notices fifty times a day. */
  kind: 'code' | 'notice';
  isInternational: boolean;
}

const MOBILE = /^(?:\+86|0086|86)?(1[3-9]\d{9})$/;
const FOREIGN = /^(?!86)[1-9]\d{6,14}$/;

/** The one account of the fake, as the center's settings name it. */
export const ALIYUN_ACCOUNT = {
  accessKeyId: 'LTAI-test',
  accessKeySecret: 'a-secret/of+aliyun=',
  signName: '消息中心',
  templates: [
    { code: 'SMS_ANY', text: 'A ${what}' },
    { code: 'SMS_CODE', text: '验证码${code}，${minutes}分钟内有效。', international: false },
    { code: 'SMS_PLAIN', text: '系统将于今晚维护。', signName: '另一个' },
    { code: 'SMS_ABROAD', text: 'Your code is ${code}.', international: true },
  ],
};

/** Aliyun SMS on loopback, with its signature check, its approvals, its limits and its records. */
export class AliyunSmsFake {
  readonly keys = new Map([[ALIYUN_ACCOUNT.accessKeyId, ALIYUN_ACCOUNT.accessKeySecret]]);
  readonly signNames = new Set([ALIYUN_ACCOUNT.signName, '另一个']);
  readonly templates = new Map<string, Template>(
    ALIYUN_ACCOUNT.templates.map(({ code, text, international }) => [
      code,
      { text, kind: code === 'SMS_CODE' ? 'code' : 'notice', isInternational: international ?? false },
    ]),
  );
  readonly taken: TakenSms[] = [];
  readonly requests: VendorRequest[] = [];
  /** What a number is answered whatever it is sent; `silence`: taken, and never answered. */
  readonly scripted = new Map<string, { code: string; message: string } | 'silence'>();
  /** False: the records do not show yet what was sent. */
  isRecorded = true;
  nowMs: () => number = Date.now;
  /** The host the vendor sees, where a proxy stands before it. */
  hostSeen: string | undefined;
  running = 0;
  mostRunning = 0;
  private readonly nonces = new Set<string>();

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.serve(request, response));
  }

  static async open(): Promise<AliyunSmsFake> {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return new AliyunSmsFake(server);
  }

  /** Host and port, as the SDK's `endpoint` wants it. */
  get endpoint(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get baseUrl(): string {
    return `http://${this.endpoint}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  /** The body of an SmsReport push about what was taken. */
  reportOf(sms: readonly TakenSms[], success = true, errCode = success ? 'DELIVERED' : 'MK:0001'): string {
    return JSON.stringify(
      sms.map((one) => ({
        phone_number: one.phone,
        send_time: one.sendDate,
        report_time: one.sendDate,
        success,
        err_code: errCode,
        err_msg: success ? '用户接收成功' : '接收失败',
        sms_size: '1',
        biz_id: one.bizId,
        out_id: one.outId,
      })),
    );
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readVendorRequest(incoming);
    if (!request) return;
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    response.on('close', () => this.running--);
    this.requests.push(request);
    const answer = (status: number, body: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json;charset=utf-8' }).end(JSON.stringify(body));
    const problem = this.problemOf(request);
    if (problem) return answer(problem.status, this.said(problem.code, problem.message));
    const action = request.headers['x-acs-action'];
    if (action === 'QuerySendDetails') return answer(200, this.records(request.query));
    const said = this.send(request.query);
    if (said !== 'silence') answer(200, said);
  }

  private problemOf(request: VendorRequest): { status: number; code: string; message: string } | null {
    const headers = { ...request.headers, host: this.hostSeen ?? request.headers.host ?? '' } as Record<string, string>;
    const problem = aliyunSignatureProblem({ ...request, headers }, this.keys, this.nowMs());
    if (problem) return problem;
    const nonce = headers['x-acs-signature-nonce'] ?? '';
    if (this.nonces.has(nonce)) return { status: 400, code: 'SignatureNonceUsed', message: 'Nonce was used already.' };
    this.nonces.add(nonce);
    const isKnown = ['SendSms', 'QuerySendDetails'].includes(headers['x-acs-action'] ?? '');
    if (request.method === 'POST' && isKnown && headers['x-acs-version'] === '2017-05-25') return null;
    return { status: 404, code: 'InvalidAction.NotFound', message: 'Specified api is not found.' };
  }

  private said(code: string, message: string, more: object = {}): object {
    return { Code: code, Message: message, RequestId: randomUUID().toUpperCase(), ...more };
  }

  /** One code for the whole list: a number that is refused keeps the others from going, too. */
  private send(query: URLSearchParams): object | 'silence' {
    const phones = (query.get('PhoneNumbers') ?? '').split(',');
    const refusal = this.refusalOf(query, phones);
    if (refusal) return this.said(refusal[0], refusal[1]);
    const numbers = phones.map((phone) => MOBILE.exec(phone)?.[1] ?? phone);
    const script = numbers.map((number) => this.scripted.get(number)).find((entry) => entry !== undefined);
    if (script && script !== 'silence') return this.said(script.code, script.message);
    const bizId = `${String(this.taken.length + 1).padStart(12, '9')}^0`;
    const params = JSON.parse(query.get('TemplateParam') ?? '{}') as Record<string, string>;
    const common = { signName: query.get('SignName') ?? '', templateCode: query.get('TemplateCode') ?? '', params };
    const sendDate = chinaTime(this.nowMs());
    const outId = query.get('OutId') ?? '';
    for (const phone of numbers)
      this.taken.push({ phone, ...common, outId, bizId, sendDate, sendStatus: 1, errCode: '' });
    return script ?? this.said('OK', 'OK', { BizId: bizId });
  }

  private refusalOf(query: URLSearchParams, phones: readonly string[]): [code: string, message: string] | null {
    if (phones.length > 1000) return ['isv.MOBILE_COUNT_OVER_LIMIT', '手机号码数量超过限制'];
    if (!phones.every((phone) => MOBILE.test(phone) || FOREIGN.test(phone)))
      return ['isv.MOBILE_NUMBER_ILLEGAL', 'invalid mobile number'];
    if (!this.signNames.has(query.get('SignName') ?? '')) return ['isv.SMS_SIGNATURE_ILLEGAL', '短信签名不合法'];
    const template = this.templates.get(query.get('TemplateCode') ?? '');
    if (!template) return ['isv.SMS_TEMPLATE_ILLEGAL', '短信模板不合法'];
    if (template.isInternational && phones.some((phone) => MOBILE.test(phone)))
      return ['isv.DOMESTIC_NUMBER_NOT_SUPPORTED', '国际/港澳台消息模板不支持发送境内号码'];
    const params = jsonObject(query.get('TemplateParam') ?? '{}');
    if (!params) return ['isv.INVALID_JSON_PARAM', 'JSON参数不合法，只接受字符串值'];
    const names = [...template.text.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1] ?? '');
    const missing = names.find((name) => !params[name]);
    if (missing !== undefined) return ['isv.TEMPLATE_MISSING_PARAMETERS', `模版缺少变量: ${missing}`];
    if (Object.values(params).some((value) => value.includes('://'))) return ['isv.PARAM_NOT_SUPPORT_URL', '不支持URL'];
    if ((query.get('OutId') ?? '').length > 256) return ['isv.INVALID_PARAMETERS', 'OutId is too long'];
    return phones.some((phone) =>
      this.isBusy(phone, query.get('SignName') ?? '', query.get('TemplateCode') ?? '', template),
    )
      ? ['isv.BUSINESS_LIMIT_CONTROL', '触发分钟级流控Permits:1']
      : null;
  }

  private isBusy(phone: string, signName: string, templateCode: string, { kind }: Template): boolean {
    const number = MOBILE.exec(phone)?.[1] ?? phone;
    const [max, windowMs] = kind === 'code' ? [1, 60_000] : [50, 24 * 3600_000];
    const since = chinaTime(this.nowMs() - windowMs);
    const sent = this.taken.filter(
      (sms) =>
        sms.phone === number &&
        sms.signName === signName &&
        (kind === 'code' || sms.templateCode === templateCode) &&
        sms.sendDate > since,
    );
    return sent.length >= max;
  }

  private records(query: URLSearchParams): object {
    const size = Number(query.get('PageSize'));
    const page = Number(query.get('CurrentPage'));
    const day = query.get('SendDate') ?? '';
    if (!(size >= 1 && size <= 50 && page >= 1) || !/^\d{8}$/.test(day))
      return this.said('isv.INVALID_PARAMETERS', '参数异常');
    const found = this.taken.filter(
      ({ phone, sendDate }) => phone === query.get('PhoneNumber') && sendDate.slice(0, 10).replaceAll('-', '') === day,
    );
    const shown = this.isRecorded ? found : [];
    return this.said('OK', 'OK', {
      TotalCount: String(shown.length),
      SmsSendDetailDTOs: {
        SmsSendDetailDTO: shown.slice((page - 1) * size, page * size).map((sms) => ({
          PhoneNum: sms.phone,
          SendStatus: sms.sendStatus,
          ErrCode: sms.errCode,
          TemplateCode: sms.templateCode,
          Content: `【${sms.signName}】`,
          SendDate: sms.sendDate,
          ReceiveDate: sms.sendStatus === 1 ? '' : sms.sendDate,
          OutId: sms.outId,
        })),
      },
    });
  }
}

const chinaTime = (ms: number): string => new Date(ms + 8 * 3600_000).toISOString().slice(0, 19).replace('T', ' ');

function jsonObject(text: string): Record<string, string> | null {
  try {
    const value = JSON.parse(text) as unknown;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && Object.values(value).every((member) => typeof member === 'string')
      ? (value as Record<string, string>)
      : null;
  } catch {
    return null;
  }
}
