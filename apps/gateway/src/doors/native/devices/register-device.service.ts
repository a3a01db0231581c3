import { Injectable } from '@nestjs/common';
import type { WebPushSubscription } from '#contracts';
import { DeviceConfigRepository, DeviceRepository, type DeviceRow } from '#entities';
import { GuardedHttp, randomSecret, sha256 } from '#platform';
import { auditBy, type Caller } from '../auth/caller.js';
import { ConflictError, InvalidRequestError } from '../http/native-errors.js';
import type { PutDeviceDto } from './device.dto.js';
import { deviceProblems, scopeOf, type MqttCredentials } from './device.mapper.js';

/** Registers a device, gives a terminal that listens to MQTT its password, and one that is back the configurations it missed. */
@Injectable()
export class RegisterDeviceService {
  constructor(
    private readonly devices: DeviceRepository,
    private readonly configs: DeviceConfigRepository,
    private readonly outgoing: GuardedHttp,
  ) {}

  /**
   * @param isNewPassword replaces the MQTT password of a device that has one
   * @throws InvalidRequestError, ConflictError somebody else registered the token
   */
  async register(
    token: string,
    body: PutDeviceDto,
    isNewPassword: boolean,
    caller: Caller,
  ): Promise<{ device: DeviceRow; mqtt: MqttCredentials | null }> {
    const problems = deviceProblems(token, body, (endpoint) => this.endpointProblem(endpoint));
    if (problems.length > 0) throw new InvalidRequestError(problems);
    const password = body.provider === 'mqtt' ? randomSecret() : null;
    const registration = await this.devices.register(
      {
        token,
        userId: body.userId,
        appId: scopeOf(caller),
        platform: body.platform,
        provider: body.provider ?? null,
        isTest: body.test ?? false,
        subscription: body.subscription ? kept(body.subscription) : null,
        mqttPasswordHash: password === null ? null : sha256(password),
        isNewPassword,
      },
      caller.kind === 'admin',
      { ...auditBy(caller), action: 'device.put', target: token },
    );
    if (registration.kind === 'foreign')
      throw new ConflictError('Another system registered this device: ask the administrator to remove it there first.');
    await this.configs.replayFor([token]);
    const mqtt = registration.isPasswordSet && password !== null ? { username: token, password } : null;
    return { device: registration.device, mqtt };
  }

  /** Encrypted all the way, unless the administrator opened the very address. */
  private endpointProblem(endpoint: string): string | null {
    const problem = this.outgoing.checkUrlLiteral(endpoint);
    if (problem !== null) return `endpoint may not be called: ${problem}`;
    return endpoint.toLowerCase().startsWith('https:') || this.outgoing.isOpened(endpoint)
      ? null
      : 'endpoint must be an https URL';
  }
}

const kept = ({ endpoint, keys: { p256dh, auth } }: WebPushSubscription): WebPushSubscription => ({
  endpoint,
  keys: { p256dh, auth },
});
