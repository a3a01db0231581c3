import { IsTimeZone } from 'class-validator';
import { Setting } from './setting.js';

/** The platform door. */
export class PlatformDoorConfig {
  @Setting(
    'IANA time zone in which the platform door reads and writes times, which carry none, and in which the portal shows them.',
  )
  @IsTimeZone({ message: 'must be an IANA time zone such as Asia/Shanghai' })
  TZ_PLATFORM = 'Asia/Shanghai';
}
