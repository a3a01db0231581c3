import { IsArray } from 'class-validator';
import { IsIpRange } from './rules.js';
import { Setting } from './setting.js';

/** Calls to addresses that callers and administrators choose. */
export class OutgoingConfig {
  @Setting('Comma list of IP addresses and CIDR ranges that may be called although they are not public, on any port.', {
    example: '127.0.0.0/8,::1/128',
  })
  @IsArray()
  @IsIpRange({ each: true })
  OUTGOING_ALLOW: string[] = [];
}
