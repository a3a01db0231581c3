import { isChannel, type Channel } from '#contracts';
import { checkAddress, userIdProblem } from '#content';
import type { DirectoryUser, DirectoryUserRow, SuspendedAddress, UserAddress } from '#entities';
import type { FieldProblem } from '../http/native-errors.js';
import type { PutUserDto } from './user.dto.js';

const MAX_WECHAT_ACCOUNTS = 20;

/** An address that reaches nobody; it is used again once it is registered again. */
export interface SuspendedAddressView {
  channel: Channel;
  address: string;
  /** WeChat: the public account. */
  account?: string;
  /** Client app that alone uses it; absent: the shared directory. */
  appId?: string;
  suspended: { since: string; reason: string };
}

export interface UserView {
  userId: string;
  name: string;
  orgUnits: string[];
  addresses: Record<string, string | Record<string, string>>;
  suspendedAddresses: SuspendedAddressView[];
  updatedAt: string;
}

export const USER_EXAMPLE: UserView = {
  userId: 'u-1001',
  name: '张三',
  orgUnits: ['sales'],
  addresses: { sms: '13800138000', mail: 'zhang@example.com', wechat: { 'gh-service': 'oPENid123' } },
  suspendedAddresses: [
    {
      channel: 'mail',
      address: 'zhang@example.com',
      suspended: { since: '2026-01-04T08:00:00.000Z', reason: '5.1.1' },
    },
  ],
  updatedAt: '2026-01-05T08:00:00.000Z',
};

export function userView(user: DirectoryUserRow): UserView {
  const addresses: UserView['addresses'] = {};
  const wechat: Record<string, string> = {};
  for (const { channel, account, address } of user.addresses) {
    if (channel === 'wechat') wechat[account] = address;
    else addresses[channel] = address;
  }
  if (Object.keys(wechat).length > 0) addresses['wechat'] = wechat;
  return {
    userId: user.userId,
    name: user.name,
    orgUnits: user.orgUnits,
    addresses,
    suspendedAddresses: user.suspended.map(suspendedView),
    updatedAt: user.updatedAt.toISOString(),
  };
}

const suspendedView = ({
  channel,
  address,
  account,
  appId,
  since,
  reason,
}: SuspendedAddress): SuspendedAddressView => ({
  channel,
  address,
  ...(account === '' ? {} : { account }),
  ...(appId === '' ? {} : { appId }),
  suspended: { since: new Date(since).toISOString(), reason },
});

/** The stored form of a user, or everything that is wrong with it. */
export function toDirectoryUser(userId: string, dto: PutUserDto): DirectoryUser | FieldProblem[] {
  const problems: FieldProblem[] = [];
  const idProblem = userIdProblem(userId);
  if (idProblem) problems.push({ field: 'userId', detail: idProblem });
  const addresses = Object.entries(dto.addresses ?? {}).flatMap(([channel, value]) =>
    addressesOf(channel, value, problems),
  );
  if (problems.length > 0) return problems;
  return { userId, name: dto.name, orgUnits: [...new Set(dto.orgUnits ?? [])], addresses };
}

function addressesOf(channel: string, value: unknown, problems: FieldProblem[]): UserAddress[] {
  const field = `addresses.${channel}`;
  if (!isChannel(channel) || channel === 'portal') {
    problems.push({ field, detail: `${channel} is no channel that has addresses` });
    return [];
  }
  const entries = entriesOf(channel, value);
  if (!entries) {
    const form = channel === 'wechat' ? 'an object {publicId: openid}' : 'a text';
    problems.push({ field, detail: `${field} must be ${form}` });
    return [];
  }
  return entries.flatMap(([account, address]) => {
    const check = checkAddress(channel, address);
    if (check.ok) return [{ channel, account, address: check.normalized }];
    problems.push({ field: account ? `${field}.${account}` : field, detail: check.problem });
    return [];
  });
}

/** Of WeChat the empty name is an openid of no account in particular: of the one the app uses. */
function entriesOf(channel: string, value: unknown): [account: string, address: string][] | null {
  if (channel !== 'wechat') return typeof value === 'string' ? [['', value]] : null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value);
  const fits = entries.every(([account, address]) => account.length <= 128 && typeof address === 'string');
  return fits && entries.length <= MAX_WECHAT_ACCOUNTS ? (entries as [string, string][]) : null;
}
