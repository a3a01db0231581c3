import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { AccessModule } from '../../../access/access.module.js';
import { AdminOrClientAppGuard } from './admin-or-client-app.guard.js';
import { AdminGuard } from './admin.guard.js';
import { ClientAppGuard } from './client-app.guard.js';
import { NativeAccess } from './native-access.service.js';

const ALL = [NativeAccess, AdminGuard, ClientAppGuard, AdminOrClientAppGuard];

/** The guards of this door, for every module that has controllers of it. */
@Module({ imports: [PersistenceModule, AccessModule], providers: ALL, exports: ALL })
export class NativeAuthModule {}
