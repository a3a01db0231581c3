import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { PlatformModule } from '#platform';
import { AuditRefusedSignIns } from './audit-refused-sign-ins.service.js';
import { EmbeddedMqttBroker } from './embedded-mqtt-broker.js';
import { Mailbox } from './mailbox.service.js';

/** The broker; it serves nobody until it is given a server (`EmbeddedMqttBroker.serve`). */
@Module({ imports: [PlatformModule, PersistenceModule], providers: [AuditRefusedSignIns, EmbeddedMqttBroker, Mailbox] })
export class EmbeddedMqttModule {}
