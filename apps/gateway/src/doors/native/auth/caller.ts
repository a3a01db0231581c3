import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { AppError } from '#contracts';
import type { CallingApp } from '../../../intake/accept-message.command.js';

/** Who stands behind a request, as its guard found it. */
export type Caller =
  { kind: 'admin'; actor: 'admin'; ip: string } | { kind: 'app'; actor: `app:${string}`; ip: string; app: CallingApp };

const callers = new WeakMap<object, Caller>();

export const adminCaller = (ip: string): Caller => ({ kind: 'admin', actor: 'admin', ip });
export const appCaller = (app: CallingApp, ip: string): Caller => ({ kind: 'app', actor: `app:${app.appId}`, ip, app });

export const rememberCaller = (request: object, caller: Caller): void => void callers.set(request, caller);

export function callerOf(request: object): Caller {
  const caller = callers.get(request);
  if (!caller) throw new AppError('no_guard', 'bug', 'this route has no guard that names its caller');
  return caller;
}

const requestOf = (context: ExecutionContext): object => context.switchToHttp().getRequest<object>();

/** Parameter decorator: the administrator or the client app. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller =>
  callerOf(requestOf(context)),
);

/** Parameter decorator for routes of client apps. */
export const CurrentApp = createParamDecorator((_: unknown, context: ExecutionContext): CallingApp => {
  const caller = callerOf(requestOf(context));
  if (caller.kind !== 'app') throw new AppError('no_guard', 'bug', 'this route is not for client apps only');
  return caller.app;
});

/** Whose messages a caller may see; null: everybody's. */
export const ownerOf = (caller: Caller): string | null => (caller.kind === 'app' ? caller.app.appId : null);

/** The part of an audit line that the caller decides. */
export const auditBy = (caller: Caller): { actor: string; ip: string } => ({ actor: caller.actor, ip: caller.ip });
