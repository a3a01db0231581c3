import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readVendorRequest, type VendorRequest } from './misbehaving-vendor.js';
import { tencentSignatureProblem } from './tencent-signature.js';

/** The one account of the fake, as the center's settings name it. */
export const TENCENT_ACCOUNT = {
  secretId: 'AKID-test',
  secretKey: 'a-secret/of+tencent=',
  smsSdkAppId: '1400006666',
  signName: '消息中心',
  templates: [
    { code: '1001', text: 'A {1}' },
    { code: '1002', text: '验证码{1}，{2}分钟内有效。' },
    { code: '1003', text: '系统将于今晚维护。', signName: '另一个' },
  ],
};

export interface TakenSms {
  phone: string;
  templateId: string;
  signName: string;
  params: string[];
  sessionContext: string;
  serialNo: string;
}

interface SendSms {
  PhoneNumberSet?: string[];
  SmsSdkAppId?: string;
  TemplateId?: string;
  SignName?: string;
  TemplateParamSet?: string[];
  SessionContext?: string;
}

interface Said {
  code: string;
  message: string;
}

const E164 = /^\+[1-9]\d{6,14}$/;
const MAINLAND = /^\+861[3-9]\d{9}$/;

/** Tencent Cloud SMS on loopback: signature check, approvals, limits, one status a number, HTTP 200 whatever it says. */
export class TencentSmsFake {
  readonly keys = new Map([[TENCENT_ACCOUNT.secretId, TENCENT_ACCOUNT.secretKey]]);
  readonly signNames = new Set([TENCENT_ACCOUNT.signName, '另一个']);
  readonly templates = new Map(TENCENT_ACCOUNT.templates.map(({ code, text }) => [code, text]));
  readonly taken: TakenSms[] = [];
  readonly requests: VendorRequest[] = [];
  /** What a number is answered whatever it is sent; `silence`: taken, and the call is never answered. */
  readonly scripted = new Map<string, Said | 'silence'>();
  /** Refuses the whole call while it names this number, and does not say why. */
  poison: { phone: string } & Partial<Said> = { phone: '' };
  /** Most SMS a number gets in 30 s. */
  perThirtySeconds = 100;
  nowMs: () => number = Date.now;
  /** The host the vendor sees, where a proxy stands before it. */
  hostSeen: string | undefined;

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.serve(request, response));
  }

  static async open(): Promise<TencentSmsFake> {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return new TencentSmsFake(server);
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

  /** The body of a callback about what was taken. */
  reportOf(sms: readonly TakenSms[], isDelivered = true, errmsg = isDelivered ? 'DELIVRD' : 'MK:0001'): string {
    return JSON.stringify(
      sms.map(({ phone, serialNo }) => ({
        user_receive_time: '2026-03-04 05:06:07',
        nationcode: '86',
        mobile: phone.replace(/^\+86/, ''),
        report_status: isDelivered ? 'SUCCESS' : 'FAIL',
        errmsg,
        description: isDelivered ? '用户短信送达成功' : '用户短信接收失败',
        sid: serialNo,
      })),
    );
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readVendorRequest(incoming);
    if (!request) return;
    this.requests.push(request);
    const answer = this.answerTo(request);
    if (answer === 'silence') return;
    const body = JSON.stringify({ Response: { ...answer, RequestId: randomUUID() } });
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  }

  private answerTo(request: VendorRequest): object | 'silence' {
    const host = this.hostSeen ?? request.headers.host ?? '';
    const refusal = tencentSignatureProblem(request, host, this.keys, this.nowMs()) ?? actionProblem(request);
    if (refusal) return errorOf(refusal.code, refusal.message);
    let call: SendSms;
    try {
      call = JSON.parse(request.body) as SendSms;
    } catch {
      return errorOf('FailedOperation.JsonParseFail', 'The body is not JSON.');
    }
    return this.send(call);
  }

  private send(call: SendSms): object | 'silence' {
    const phones = call.PhoneNumberSet ?? [];
    const refusal = this.refusalOf(call, phones);
    if (refusal) return errorOf(refusal.code, refusal.message);
    const statuses = phones.map((phone) => this.sendTo(phone, call));
    return phones.some((phone) => this.scripted.get(phone) === 'silence') ? 'silence' : { SendStatusSet: statuses };
  }

  /** What is wrong with the call as a whole. */
  private refusalOf(call: SendSms, phones: readonly string[]): Said | null {
    const said = (code: string, message = code): Said => ({ code, message });
    if (phones.length === 0) return said('MissingParameter.EmptyPhoneNumberSet');
    if (phones.length > 200) return said('LimitExceeded.PhoneNumberCountLimit');
    if (call.SmsSdkAppId !== TENCENT_ACCOUNT.smsSdkAppId) return said('InvalidParameterValue.SdkAppIdNotExist');
    if (Buffer.byteLength(call.SessionContext ?? '') >= 512)
      return said('InvalidParameter', 'SessionContext is too long.');
    if (new Set(phones.map((phone) => MAINLAND.test(phone))).size > 1)
      return said('UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber');
    if (phones.includes(this.poison.phone))
      return said(this.poison.code ?? 'InvalidParameterValue.IncorrectPhoneNumber', this.poison.message);
    return null;
  }

  private sendTo(phone: string, call: SendSms): object {
    const serialNo = `2640:${randomUUID()}`;
    const status = (said: Said, taken = false): object => ({
      SerialNo: taken ? serialNo : '',
      PhoneNumber: phone,
      Fee: taken ? 1 : 0,
      SessionContext: call.SessionContext ?? '',
      Code: said.code,
      Message: said.message,
      IsoCode: 'CN',
    });
    const script = this.scripted.get(phone);
    const refusal = script && script !== 'silence' ? script : this.refusalOfNumber(phone, call);
    if (refusal) return status(refusal);
    this.taken.push({
      phone,
      templateId: call.TemplateId ?? '',
      signName: call.SignName ?? '',
      params: call.TemplateParamSet ?? [],
      sessionContext: call.SessionContext ?? '',
      serialNo,
    });
    return status({ code: 'Ok', message: 'send success' }, true);
  }

  private refusalOfNumber(phone: string, call: SendSms): Said | null {
    const said = (code: string): Said => ({ code, message: code });
    if (!E164.test(phone)) return said('InvalidParameterValue.IncorrectPhoneNumber');
    if (MAINLAND.test(phone) && !this.signNames.has(call.SignName ?? ''))
      return said('FailedOperation.SignatureIncorrectOrUnapproved');
    const text = this.templates.get(call.TemplateId ?? '');
    const wanted = text?.match(/\{\d+\}/g)?.length ?? 0;
    if (text === undefined || wanted !== (call.TemplateParamSet ?? []).length)
      return said('FailedOperation.TemplateIncorrectOrUnapproved');
    const sent = this.taken.filter((sms) => sms.phone === phone).length;
    return sent >= this.perThirtySeconds ? said('LimitExceeded.PhoneNumberThirtySecondLimit') : null;
  }
}

const errorOf = (code: string, message: string): object => ({ Error: { Code: code, Message: message } });

function actionProblem({ method, headers }: VendorRequest): Said | null {
  if (headers['x-tc-action'] !== 'SendSms' || method !== 'POST')
    return { code: 'InvalidAction', message: 'No such action.' };
  if (headers['x-tc-version'] !== '2021-01-11') return { code: 'NoSuchVersion', message: 'No such version.' };
  return headers['x-tc-region'] ? null : { code: 'MissingParameter', message: 'Region is missing.' };
}
