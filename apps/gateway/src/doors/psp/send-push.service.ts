import { Injectable } from '@nestjs/common';
import type { PushPayload } from '#contracts';
import { DeviceTargetRepository } from '#entities';
import { PspConfig, payloadLimitsOf, type PayloadLimits } from '#platform';
import { ChannelCatalog } from '../../catalog/channel-catalog.service.js';
import type { AcceptMessage, CallingApp, MessageTo } from '../../intake/accept-message.command.js';
import { AcceptMessageService } from '../../intake/accept-message.service.js';
import { FirstAnswer } from '../../intake/first-answer.service.js';
import { IntakeError } from '../../intake/intake-error.js';
import { DeviceLookup } from './device-lookup.service.js';
import type { PushBody } from './psp.dto.js';
import { PspError } from './psp.error.js';
import { idempotencyOf } from './psp.idempotency.js';
import { isTestOnly, payloadBytes } from './push-content.js';
import { targetOf } from './push-target.js';

type Devices = NonNullable<MessageTo['devices']>;

/** A push as it was written, with what its payload means. */
export interface WrittenPush {
  body: PushBody;
  payload: PushPayload;
}

/** A push as a caller asks for it. */
export interface AskedPush {
  app: CallingApp;
  /** @throws PspError `parameter` */
  read: () => WrittenPush;
  /** Header `Idempotency-Key`. */
  idempotencyKey: unknown;
}

interface Push extends WrittenPush {
  devices: Devices;
  idempotency: NonNullable<AcceptMessage['idempotency']> | null;
}

/** A push of the door → a message to devices. */
@Injectable()
export class SendPushService {
  private readonly limits: PayloadLimits;

  constructor(
    private readonly intake: AcceptMessageService,
    private readonly first: FirstAnswer,
    private readonly channels: ChannelCatalog,
    private readonly devices: DeviceLookup,
    private readonly targets: DeviceTargetRepository,
    config: PspConfig,
  ) {
    this.limits = payloadLimitsOf(config);
  }

  /** Answers the message id, after COMMIT. @throws PspError, IntakeError: nothing is stored */
  async send(asked: AskedPush): Promise<string> {
    const command = await this.commandOf(asked).catch((refusal: unknown) => this.firstAnswer(asked, refusal));
    if (typeof command === 'string') return command;
    const { messageId } = await this.intake.accept(command);
    return messageId;
  }

  private async commandOf(asked: AskedPush): Promise<AcceptMessage> {
    const { app } = asked;
    // Asked first: to whoever may not push at all, nothing is wrong with a body.
    await this.requireOpen(app);
    const { body, payload, devices, idempotency } = pushOf(asked);
    const command: AcceptMessage = {
      app,
      door: 'psp',
      to: { devices: await this.reachable(app, body, devices) },
      channels: { mode: 'list', list: [] },
      content: { payload },
    };
    if (idempotency) command.idempotency = idempotency;
    return command;
  }

  /** What the door itself refuses by now may be a repeated call, as in the intake. @throws the refusal where it is none */
  private async firstAnswer(asked: AskedPush, refusal: unknown): Promise<string> {
    const isRefused = refusal instanceof PspError || refusal instanceof IntakeError;
    const idempotency = isRefused && asked.idempotencyKey !== undefined ? readableKey(asked) : null;
    const first = idempotency && (await this.first.find({ app: asked.app, idempotency }));
    if (!first) throw refusal;
    return first.messageId;
  }

  /** @throws IntakeError */
  private async requireOpen(app: CallingApp): Promise<void> {
    if (!app.channels.has('push')) throw new IntakeError('channel_closed', 'Channel "push" is not open to this app.');
    const channels = await this.channels.current();
    if (!channels.isOn('push')) throw new IntakeError('channel_off', 'Channel "push" is switched off.');
  }

  /** @throws PspError `target`, `size` */
  private async reachable({ appId }: CallingApp, body: PushBody, devices: Devices): Promise<Devices> {
    const bytes = payloadBytes(body);
    if (bytes > this.limits.any) throw tooLarge(bytes, this.limits.any);
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

/** @throws PspError `parameter` */
function pushOf({ read, idempotencyKey }: AskedPush): Push {
  const { body, payload } = read();
  const devices: Devices = { ...targetOf(body), ...(isTestOnly(body) ? { isTestOnly: true } : {}) };
  return { body, payload, devices, idempotency: idempotencyOf(idempotencyKey, [body.type, devices, payload]) };
}

/** Null where the push cannot be read, so that it was not taken the first time either. */
function readableKey(asked: AskedPush): Push['idempotency'] {
  try {
    return pushOf(asked).idempotency;
  } catch {
    return null;
  }
}

const tooLarge = (bytes: number, limit: number, of = ''): PspError =>
  new PspError('size', `参数 payload 的 JSON 为 ${bytes} 字节，超过上限 ${limit} 字节${of}，请缩短内容`);
