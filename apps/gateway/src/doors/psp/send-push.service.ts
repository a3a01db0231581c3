import { Injectable } from '@nestjs/common';
import type { PushPayload } from '#contracts';
import { DeviceTargetRepository } from '#entities';
import { PspConfig, payloadLimitsOf, type PayloadLimits } from '#platform';
import { ChannelCatalog } from '../../catalog/channel-catalog.service.js';
import type { CallingApp, MessageTo } from '../../intake/accept-message.command.js';
import { AcceptMessageService } from '../../intake/accept-message.service.js';
import { IntakeError } from '../../intake/intake-error.js';
import { DeviceLookup } from './device-lookup.service.js';
import type { PushBody } from './psp.dto.js';
import { PspError } from './psp.error.js';
import { idempotencyOf } from './psp.idempotency.js';
import { isTestOnly, payloadBytes } from './push-content.js';
import { targetOf } from './push-target.js';

type Devices = NonNullable<MessageTo['devices']>;

/** A push as a caller asks for it, with what its payload means. */
export interface AskedPush {
  app: CallingApp;
  body: PushBody;
  payload: PushPayload;
  /** Header `Idempotency-Key`. */
  idempotencyKey: unknown;
}

/** A push of the door → a message to devices. */
@Injectable()
export class SendPushService {
  private readonly limits: PayloadLimits;

  constructor(
    private readonly intake: AcceptMessageService,
    private readonly channels: ChannelCatalog,
    private readonly devices: DeviceLookup,
    private readonly targets: DeviceTargetRepository,
    config: PspConfig,
  ) {
    this.limits = payloadLimitsOf(config);
  }

  /** Asked first: to whoever may not push at all, nothing is wrong with a body. @throws IntakeError */
  async requireOpen(app: CallingApp): Promise<void> {
    if (!app.channels.has('push')) throw new IntakeError('channel_closed', 'Channel "push" is not open to this app.');
    const channels = await this.channels.current();
    if (!channels.isOn('push')) throw new IntakeError('channel_off', 'Channel "push" is switched off.');
  }

  /** Answers the message id, after COMMIT. @throws PspError, IntakeError: nothing is stored */
  async send({ app, body, payload, idempotencyKey }: AskedPush): Promise<string> {
    const isTest = isTestOnly(body);
    const devices: Devices = { ...targetOf(body), ...(isTest ? { isTestOnly: true } : {}) };
    const idempotency = idempotencyOf(idempotencyKey, [body.type, devices, payload]);
    const bytes = payloadBytes(body);
    if (bytes > this.limits.any) throw tooLarge(bytes, this.limits.any);
    const { messageId } = await this.intake.accept({
      app,
      door: 'psp',
      to: { devices: await this.reachable(app, body, devices, bytes) },
      channels: { mode: 'list', list: [] },
      content: { payload },
      ...(idempotency ? { idempotency } : {}),
    });
    return messageId;
  }

  /** @throws PspError `target`, `size` */
  private async reachable({ appId }: CallingApp, body: PushBody, devices: Devices, bytes: number): Promise<Devices> {
    const isTooLargeForIos = bytes > this.limits.ios;
    const [token = ''] = devices.tokens ?? [];
    if (body.type === 'groupcast') {
      if (!(await this.targets.isAnyKnown(devices, appId))) throw new PspError('target');
      return isTooLargeForIos ? { ...devices, tooLargeFor: ['ios'] } : devices;
    }
    const device = await this.devices.find(token, appId);
    if (!device) throw new PspError('target', '设备（device_tokens）不存在，请先注册设备');
    if (devices.isTestOnly && !device.isTest) {
      throw new PspError('target', '测试模式（production_mode=false）只推送到测试设备：该设备不是测试设备');
    }
    if (isTooLargeForIos && device.platform === 'ios') throw tooLarge(bytes, this.limits.ios, '（iOS 设备）');
    return devices;
  }
}

const tooLarge = (bytes: number, limit: number, of = ''): PspError =>
  new PspError('size', `参数 payload 的 JSON 为 ${bytes} 字节，超过上限 ${limit} 字节${of}，请缩短内容`);
