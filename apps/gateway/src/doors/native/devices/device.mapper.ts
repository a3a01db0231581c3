import { DEVICE_TOKEN } from '#contracts';
import { userIdProblem } from '#content';
import type { DeviceRow } from '#entities';
import type { Caller } from '../auth/caller.js';
import type { FieldProblem } from '../http/native-errors.js';
import type { PutDeviceDto } from './device.dto.js';

export interface DeviceView {
  deviceToken: string;
  userId: string;
  platform: string;
  /** Null: whichever account takes its platform. */
  provider: string | null;
  test: boolean;
  /** Serves every client app; else the one that registered it. */
  isShared: boolean;
  /** False: its provider called the token dead; registering it again brings it back. */
  active: boolean;
  deactivated: { at: string; reason: string } | null;
  /** Without the keys. */
  subscription: { endpoint: string } | null;
  registeredAt: string;
  lastSeenAt: string | null;
}

/** What the device signs in with at the MQTT broker; shown once. */
export interface MqttCredentials {
  username: string;
  password: string;
}

export const DEVICE_EXAMPLE: DeviceView = {
  deviceToken: 'terminal-0042',
  userId: 'u-1001',
  platform: 'android',
  provider: 'mqtt',
  test: false,
  isShared: true,
  active: true,
  deactivated: null,
  subscription: null,
  registeredAt: '2026-01-05T08:00:00.000Z',
  lastSeenAt: null,
};

/** Devices of the administrator, and of apps that write the shared directory, serve every app. */
const SHARED = '';

/** Whose devices a caller registers, sees and removes; an app that may not write the directory has its own. */
export const scopeOf = (caller: Caller): string =>
  caller.kind === 'admin' || caller.app.features.has('directory-write') ? SHARED : caller.app.appId;

export const deviceView = (device: DeviceRow): DeviceView => ({
  deviceToken: device.token,
  userId: device.userId,
  platform: device.platform,
  provider: device.provider,
  test: device.isTest,
  isShared: device.appId === SHARED,
  active: device.deactivatedAt === null,
  deactivated: device.deactivatedAt && {
    at: device.deactivatedAt.toISOString(),
    reason: device.deactivatedReason ?? '',
  },
  subscription: device.subscription && { endpoint: device.subscription.endpoint },
  registeredAt: device.registeredAt.toISOString(),
  lastSeenAt: device.lastSeenAt?.toISOString() ?? null,
});

/**
 * What is wrong with a device beyond its single fields.
 * @param endpointProblem why the push service of a browser may not be called, or null
 */
export function deviceProblems(
  token: string,
  { userId, provider, subscription }: PutDeviceDto,
  endpointProblem: (endpoint: string) => string | null,
): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (!DEVICE_TOKEN.test(token)) {
    const detail = 'a device token is 1 to 512 letters, digits and the characters . _ : -';
    problems.push({ field: 'deviceToken', detail });
  }
  const idProblem = userIdProblem(userId);
  if (idProblem !== null) problems.push({ field: 'userId', detail: idProblem });
  if (provider === 'webpush' && !subscription)
    problems.push({ field: 'subscription', detail: 'provider webpush needs subscription: {endpoint, keys}' });
  const problem = subscription ? endpointProblem(subscription.endpoint) : null;
  if (problem !== null) problems.push({ field: 'subscription.endpoint', detail: problem });
  return problems;
}
