import { Module } from '@nestjs/common';
import { ChannelWorkerModule } from '../../channel-worker/src/channel-worker.module.js';
import { DispatcherModule } from '../../dispatcher/src/dispatcher.module.js';
import { GatewayModule } from '../../gateway/src/gateway.module.js';
import { ImSyncModule } from '../../im-sync/src/im-sync.module.js';
import { ReportingModule } from '../../reporting/src/reporting.module.js';
import { EmbeddedMqttModule } from './embedded-mqtt/embedded-mqtt.module.js';

/** The whole suite in one process. */
@Module({
  imports: [GatewayModule, DispatcherModule, ChannelWorkerModule, ImSyncModule, ReportingModule, EmbeddedMqttModule],
})
export class StandaloneModule {}
