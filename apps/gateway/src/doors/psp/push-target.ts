import { isUserId } from '#content';
import { DEVICE_TOKEN, type DeviceAudience } from '#contracts';
import type { PushBody } from './psp.dto.js';
import { badField } from './psp.error.js';

const MAX_TOKENS = 500;
const MAX_USERS = 10_000;
const MAX_ORG_UNITS = 500;
const MAX_ORG_UNIT_CODE = 64;

type Named = Pick<PushBody, 'type' | 'device_tokens' | 'user_ids' | 'org_ids'>;

/** Whom a push names, each once. @throws PspError `parameter` */
export function targetOf(body: Named): Pick<DeviceAudience, 'tokens' | 'users' | 'orgUnits'> {
  const tokens = listOf('device_tokens', body, MAX_TOKENS, (token) => DEVICE_TOKEN.test(token));
  const users = listOf('user_ids', body, MAX_USERS, isUserId);
  const orgUnits = listOf('org_ids', body, MAX_ORG_UNITS, (code) => code.length <= MAX_ORG_UNIT_CODE);
  if (body.type === 'groupcast') {
    if (tokens.length + users.length + orgUnits.length === 0) {
      throw badField('device_tokens、user_ids、org_ids', '至少填写一个：组播（groupcast）没有推送目标');
    }
    return {
      ...(tokens.length > 0 ? { tokens } : {}),
      ...(users.length > 0 ? { users } : {}),
      ...(orgUnits.length > 0 ? { orgUnits } : {}),
    };
  }
  // As many as are written: whoever writes a list means a groupcast, also where one device stands in it twice.
  if (entriesOf(body.device_tokens).length !== 1)
    throw badField('device_tokens', '必须是一个设备标识：单播（unicast）只推送到一台设备');
  if (users.length > 0) throw badField('user_ids', '只能用于组播（groupcast）');
  if (orgUnits.length > 0) throw badField('org_ids', '只能用于组播（groupcast）');
  return { tokens };
}

/** Whatever stands between commas; an empty text is an empty list. */
const entriesOf = (list = ''): string[] => list.split(',').flatMap((entry) => entry.trim() || []);

/** Each once. @throws PspError `parameter` */
function listOf(
  field: 'device_tokens' | 'user_ids' | 'org_ids',
  body: Named,
  most: number,
  accepts: (entry: string) => boolean,
): string[] {
  const distinct = [...new Set(entriesOf(body[field]))];
  if (distinct.length > most) throw badField(field, `最多 ${most} 个，请分批提交`);
  const bad = distinct.findIndex((entry) => !accepts(entry));
  if (bad >= 0) throw badField(field, `第 ${bad + 1} 个的格式不正确`);
  return distinct;
}
