import { IsBoolean, IsOptional, IsUrl, Matches } from 'class-validator';
import type { ImWebhookSettings } from '#contracts';
import { Setting } from './setting.js';

/** Whom the IM door tells of messages and of who is online. */
export class ImWebhookConfig implements ImWebhookSettings {
  @Setting(
    'URL to which the IM door posts msg.notify, msg.offline and user.onlinestatus (in ?event=); OUTGOING_ALLOW opens private addresses.',
    { secret: true, example: 'https://chat.example.com/hooks/im' },
  )
  @IsOptional()
  @IsUrl(
    { protocols: ['http', 'https'], require_protocol: true, require_tld: false },
    { message: 'must be an http(s) URL' },
  )
  IM_WEBHOOK_URL?: string;

  @Setting('Secret that signs them (Standard Webhooks): whsec_ and base64; without it they are not signed.', {
    secret: true,
    example: 'whsec_ and the output of: openssl rand -base64 32',
  })
  @IsOptional()
  @Matches(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, { message: 'must be whsec_ and the base64 of 24 to 64 bytes' })
  IM_WEBHOOK_SECRET?: string;

  @Setting('on: phones and browsers of people without a connection get a push of messages with a red dot.')
  @IsBoolean()
  IM_OFFLINE_PUSH = false;
}
