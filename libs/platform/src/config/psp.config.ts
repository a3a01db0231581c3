import { IsIn } from 'class-validator';
import { IsPayloadLimits } from './rules.js';
import { Setting } from './setting.js';

/** The device-push door. */
export class PspConfig {
  @Setting(
    'off: the signed headers of a call of the device-push door hold for 10 minutes, as published; once: each triple opens one call, over all replicas.',
  )
  @IsIn(['off', 'once'])
  PSP_REPLAY: 'off' | 'once' = 'off';

  @Setting(
    'Largest payload of a device push, and of one to iOS, in bytes; the published limits may be raised, up to 4096.',
  )
  @IsPayloadLimits()
  PSP_LIMITS = '1024,256';
}

/** Bytes. */
export interface PayloadLimits {
  any: number;
  ios: number;
}

/** @param setting `PSP_LIMITS` */
export function payloadLimitsOf({ PSP_LIMITS: setting }: PspConfig): PayloadLimits {
  const [any = 0, ios = 0] = setting.split(',').map(Number);
  return { any, ios };
}
