import type { CallingApp } from '../../../intake/accept-message.command.js';
import { PlatformError, badParameter } from '../platform.error.js';
import { optional, text, type Parameter } from '../platform.parameters.js';

/** Apps whose accounts are asked for: a comma list. */
export const ASKED_APPS: Parameter<string | undefined> = optional(
  text({ about: '应用ID，多个用英文逗号隔开；缺省为调用方自己', example: 'MSG123456', max: 10_000 }),
);

/** An app sees what is its own: any other is unknown to it, whether there is such an app or not. @throws PlatformError 600020, 600021 */
export function checkAskedApps({ appId }: CallingApp, list: string | undefined): void {
  if (list === undefined) return;
  const asked = [...new Set(list.split(',').map((id) => id.trim()))].filter((id) => id !== '');
  if (asked.length === 0) throw badParameter('appId', '不能为空，请补充或省略');
  if (asked.every((id) => id === appId)) return;
  throw new PlatformError(asked.length === 1 ? 'appUnknown' : 'appsUnknown');
}
