import { IsOptional, IsUrl, Matches } from 'class-validator';
import { Setting } from './setting.js';

export class AlarmConfig {
  @Setting(
    'URL to which alarms are posted, beside the log and GET /v1/alarms; OUTGOING_ALLOW opens private addresses.',
    {
      secret: true,
      example: 'https://oncall.example.com/hooks/message-center',
    },
  )
  @IsOptional()
  @IsUrl(
    { protocols: ['http', 'https'], require_protocol: true, require_tld: false },
    { message: 'must be an http(s) URL' },
  )
  ALARM_WEBHOOK_URL?: string;

  @Setting('Secret that signs them (Standard Webhooks): whsec_ and base64; without it they are not signed.', {
    secret: true,
    example: 'whsec_ and the output of: openssl rand -base64 32',
  })
  @IsOptional()
  @Matches(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, { message: 'must be whsec_ and the base64 of 24 to 64 bytes' })
  ALARM_WEBHOOK_SECRET?: string;
}
