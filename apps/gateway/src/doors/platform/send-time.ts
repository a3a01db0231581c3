import { badParameter } from './platform.error.js';
import { missing } from './platform.parameters.js';
import type { SendMessage } from './send-message.parameters.js';
import type { WallClock } from './wall-clock.js';

const AHEAD_MIN = 10;

/**
 * When a message is to be sent, ISO 8601; null: now.
 * @param nowMs by the database's clock @throws PlatformError 500001
 */
export function sendTimeOf({ sendStatus, sendTime }: SendMessage, clock: WallClock, nowMs: number): string | null {
  if (sendStatus === '1') return null;
  if (sendTime === undefined) throw missing('sendTime');
  const time = clock.parse(sendTime);
  if (time === null) throw badParameter('sendTime', '格式必须是 yyyy-MM-dd HH:mm:ss');
  if (time <= nowMs + AHEAD_MIN * 60_000) throw badParameter('sendTime', `必须晚于当前时间 ${AHEAD_MIN} 分钟以上`);
  return new Date(time).toISOString();
}
