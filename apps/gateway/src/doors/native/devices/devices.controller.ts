import { Body, Delete, Get, Param, Put, Query } from '@nestjs/common';
import { DeviceRepository } from '#entities';
import { AdminOrClientAppGuard } from '../auth/admin-or-client-app.guard.js';
import { CurrentCaller, auditBy, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { NotFoundError } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { decodeCursor, pageOf, type Page } from '../http/paging.js';
import { DevicesQuery, PutDeviceDto, PutDeviceQuery } from './device.dto.js';
import { DEVICE_EXAMPLE, deviceView, scopeOf, type DeviceView, type MqttCredentials } from './device.mapper.js';
import { RegisterDeviceService } from './register-device.service.js';

/** Null: everybody's. */
const seenBy = (caller: Caller): string | null => (caller.kind === 'admin' ? null : scopeOf(caller));

@NativeController({ path: 'v1/devices', guard: AdminOrClientAppGuard, security: ['admin', 'clientApp'] })
export class DevicesController {
  constructor(
    private readonly devices: DeviceRepository,
    private readonly registering: RegisterDeviceService,
  ) {}

  @Get()
  @NativeOperation({
    summary: 'List devices',
    description:
      'In the order of their tokens. The administrator sees all of them, a client app those it registered, one with the feature `directory-write` the shared ones.',
    example: { items: [DEVICE_EXAMPLE], nextCursor: null },
  })
  async list(
    @Query() { user, limit, cursor }: DevicesQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<DeviceView>> {
    const [after] = decodeCursor<[string]>(cursor, ['string']) ?? [''];
    const filter = { appId: seenBy(caller), ...(user === undefined ? {} : { userId: user }) };
    const rows = await this.devices.list(filter, after, limit + 1);
    return pageOf(rows, limit, deviceView, (device) => [device.token]);
  }

  @Put(':deviceToken')
  @NativeOperation({
    summary: 'Register a device, or register it again',
    description:
      'The token is what the vendor gave the device, or any name of a terminal that listens to MQTT (1 to 512 letters, digits and `. _ : -`). Registering it again brings a device back that its provider had called dead, and sends the newest configurations once more that it has not acknowledged. A device with provider `mqtt` gets `mqtt: {username, password}`, shown here and never again: at the first registration, and with `?rotate=true`. Devices that the administrator or a client app with the feature `directory-write` registers serve every client app; those of any other client app serve its own sends only.',
    example: {
      ...DEVICE_EXAMPLE,
      mqtt: { username: DEVICE_EXAMPLE.deviceToken, password: 'd1f0a3c95b7e4826a0c4f6e8b2d19375' },
    },
    problems: ['conflict'],
  })
  async put(
    @Param('deviceToken') token: string,
    @Body() body: PutDeviceDto,
    @Query() { rotate }: PutDeviceQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<DeviceView & { mqtt?: MqttCredentials }> {
    const { device, mqtt } = await this.registering.register(token, body, rotate, caller);
    return { ...deviceView(device), ...(mqtt ? { mqtt } : {}) };
  }

  @Get(':deviceToken')
  @NativeOperation({ summary: 'One device', example: DEVICE_EXAMPLE, problems: ['not_found'] })
  async get(@Param('deviceToken') token: string, @CurrentCaller() caller: Caller): Promise<DeviceView> {
    const device = await this.devices.find(token, null);
    const scope = seenBy(caller);
    if (!device || (scope !== null && device.appId !== scope)) throw new NotFoundError('device');
    return deviceView(device);
  }

  @Delete(':deviceToken')
  @NativeOperation({
    summary: 'Remove a device',
    description: 'What is still to be sent to it is not sent any more.',
    status: 204,
    example: null,
    problems: ['not_found'],
  })
  async remove(@Param('deviceToken') token: string, @CurrentCaller() caller: Caller): Promise<void> {
    const entry = { ...auditBy(caller), action: 'device.delete', target: token };
    if (!(await this.devices.remove(token, seenBy(caller), entry))) throw new NotFoundError('device');
  }
}
