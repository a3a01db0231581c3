import { IsBoolean, IsIn } from 'class-validator';
import { Setting } from './setting.js';

/** The relay door. */
export class RelayConfig {
  @Setting(
    'issued: only tokens of POST /v1/relay/identities open the relay door; open: any token of 32 or more characters does, and any md5_id can be written to.',
  )
  @IsIn(['issued', 'open'])
  RELAY_IDENTITIES: 'issued' | 'open' = 'issued';

  @Setting('on: users may write to each other at the relay door; off: they only answer those who wrote to them.')
  @IsBoolean()
  RELAY_USER_INITIATED = false;
}
