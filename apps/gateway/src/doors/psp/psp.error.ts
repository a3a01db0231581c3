import { AppError } from '#contracts';
import { OverloadedError } from '#messaging';
import { BodyError } from '../../http/raw-body.js';
import { IntakeError, type Refusal } from '../../intake/intake-error.js';
import { PSP_CODES, type PspCode } from './psp.codes.js';

/** A refusal in the door's own words; without words of its own it says those of its code. */
export class PspError extends Error {
  constructor(
    readonly code: PspCode,
    message: string = PSP_CODES[code][2],
    /** When to come back, for the header Retry-After. */
    readonly retryAfterMs = 0,
  ) {
    super(message);
  }
}

/** The published appendix gives unknown addresses an HTTP status, and no code. */
export class UnknownPspPathError extends PspError {
  constructor() {
    super('internal', '请求的地址不存在：推送 POST /psp/push/msg、/psp/push/config，查询 GET /psp/push/task/{task_id}');
  }
}

/** 2008: names the field and says what to do. */
export const badField = (field: string, advice: string): PspError =>
  new PspError('parameter', `参数 ${field} ${advice}`);

export interface PspFailure {
  code: PspCode;
  status: number;
  message: string;
  retryAfterMs: number;
  /** Nobody foresaw it: the log has to tell what the answer does not. */
  isUnforeseen: boolean;
}

const BODY_ADVICE: Readonly<Record<BodyError['reason'], string>> = {
  too_large: '请求体过大，请减少推送目标后分批提交',
  not_utf8: '请求体不是有效的 UTF-8 文本，请检查编码',
  not_json: '请求体不是有效的 JSON，请检查格式（不支持注释）',
  too_deep: '请求体的 JSON 嵌套过深',
  not_object: '请求体必须是 JSON 对象',
  forbidden_key: '请求体含有不允许的字段名',
};

/** The refusals of the intake that are not about a field; the others are. */
const CODE_OF: Readonly<Partial<Record<Refusal, PspCode>>> = {
  channel_closed: 'forbidden',
  channel_off: 'forbidden',
  smart_closed: 'forbidden',
  broadcast_closed: 'forbidden',
  recipient_unknown: 'target',
  org_unit_unknown: 'target',
  no_address: 'target',
  sms_quota_exceeded: 'rate',
};

const ADVICE_OF: Readonly<Partial<Record<Refusal, string>>> = {
  channel_closed: '推送渠道（push）未对该应用开放，请联系管理员',
  channel_off: '推送渠道（push）已关闭或尚未配置，请联系管理员',
  text_invalid: '参数中含有无效字符（NUL 或不完整的字符）',
  sensitive_word: '参数 payload 的内容含有敏感词，请修改后重试',
  idempotency_conflict: '请求头 Idempotency-Key 已在 24 小时内用于另一条不同的推送',
};

/** Any error → the door's answer. What nobody foresaw says nothing but the request's id. */
export function toPspFailure(error: unknown, requestId: string): PspFailure {
  const foreseen = foresee(error);
  const { code, message, retryAfterMs } =
    foreseen ?? new PspError('internal', `系统内部错误，请提供 requestId ${requestId} 给管理员`);
  return { code, status: statusOf(foreseen), message, retryAfterMs, isUnforeseen: foreseen === null };
}

function statusOf(error: PspError | null): number {
  if (error instanceof UnknownPspPathError) return 400;
  // Of `internal` only the load that is shed is foreseen.
  return error === null ? PSP_CODES.internal[1] : error.code === 'internal' ? 503 : PSP_CODES[error.code][1];
}

function foresee(error: unknown): PspError | null {
  if (error instanceof PspError) return error;
  if (error instanceof BodyError) return new PspError('parameter', BODY_ADVICE[error.reason]);
  if (error instanceof IntakeError) {
    const code = CODE_OF[error.code] ?? 'parameter';
    return new PspError(code, ADVICE_OF[error.code] ?? PSP_CODES[code][2], code === 'rate' ? 1000 : 0);
  }
  if (error instanceof OverloadedError || (error instanceof AppError && error.kind === 'transient')) {
    return new PspError('internal', '系统繁忙，请稍后重试', 1000);
  }
  return null;
}
