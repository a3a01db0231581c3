import { AppError } from '#contracts';
import { OverloadedError } from '#messaging';
import { TokenRefusedError } from '../../access/issue-token.service.js';
import { BodyError } from '../../http/raw-body.js';
import { IntakeError } from '../../intake/intake-error.js';
import { intakeRefusal } from './intake-refusals.js';
import { rspMsgOf, type PlatformCode } from './platform.codes.js';

/** A refusal in the door's own words; without words of its own it says those of its code. */
export class PlatformError extends Error {
  constructor(
    readonly code: PlatformCode,
    message: string = rspMsgOf(code),
    /** When to come back, for the header Retry-After. */
    readonly retryAfterMs = 0,
  ) {
    super(message);
  }
}

/** 500001: names the parameter and says what to do. */
export const badParameter = (name: string, advice: string): PlatformError =>
  new PlatformError('parameter', `参数 ${name} ${advice}`);

export const tooFrequent = (retryAfterMs: number): PlatformError =>
  new PlatformError('other', '请求过于频繁，请稍后重试', retryAfterMs);

const BODY_ADVICE: Readonly<Record<BodyError['reason'], string>> = {
  too_large: '请求体过大，请缩短内容，或减少接收人后分批提交',
  not_utf8: '请求体不是有效的 UTF-8 文本，请检查编码',
  not_json: '请求体不是有效的 JSON，请检查格式（不支持注释）',
  too_deep: '请求体的 JSON 嵌套过深',
  not_object: '请求体必须是 JSON 对象',
  forbidden_key: '请求体含有不允许的字段名',
};

export interface PlatformFailure {
  code: PlatformCode;
  message: string;
  retryAfterMs: number;
  /** Nobody foresaw it: the log has to tell what the answer does not. */
  isUnforeseen: boolean;
}

/** Any error → the door's answer. What nobody foresaw says nothing but the request's id. */
export function toPlatformFailure(error: unknown, requestId: string): PlatformFailure {
  const foreseen = foresee(error);
  if (foreseen) {
    const { code, message, retryAfterMs } = foreseen;
    return { code, message, retryAfterMs, isUnforeseen: false };
  }
  const message = `系统内部错误，请提供 requestId ${requestId} 给管理员`;
  return { code: 'other', message, retryAfterMs: 0, isUnforeseen: true };
}

function foresee(error: unknown): PlatformError | null {
  if (error instanceof PlatformError) return error;
  if (error instanceof IntakeError) return new PlatformError(...intakeRefusal(error));
  if (error instanceof BodyError) return new PlatformError('parameter', BODY_ADVICE[error.reason]);
  if (error instanceof TokenRefusedError) return new PlatformError('credentials');
  if (error instanceof AppError && error.kind === 'rate_limited') return tooFrequent(waitOf(error));
  if (error instanceof OverloadedError || (error instanceof AppError && error.kind === 'transient')) {
    return new PlatformError('other', '系统繁忙，请稍后重试', 1000);
  }
  return null;
}

const waitOf = ({ details: { retryAfterMs } }: AppError): number =>
  typeof retryAfterMs === 'number' ? retryAfterMs : 1000;
