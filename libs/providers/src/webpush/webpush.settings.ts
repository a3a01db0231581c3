import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Matches, Max, Min } from 'class-validator';

/** Settings of Web Push: the one pair of VAPID keys that pages subscribe with. */
export class WebpushSettings {
  @ApiProperty({
    description:
      'Public VAPID key, base64url: the `applicationServerKey` with which pages subscribe. A pair is made by `npx web-push generate-vapid-keys`.',
    example: 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM',
  })
  @Matches(/^[A-Za-z0-9_-]{87}$/, { message: 'publicKey must be the public VAPID key, 87 characters of base64url' })
  publicKey!: string;

  @ApiProperty({ description: 'Private VAPID key, base64url. Write-only.' })
  @Matches(/^[A-Za-z0-9_-]{43}$/, { message: 'privateKey must be the private VAPID key, 43 characters of base64url' })
  privateKey!: string;

  @ApiProperty({
    description: 'Whom the push services may turn to: a mail address or a page.',
    example: 'mailto:admin@example.com',
  })
  @Matches(/^(?:mailto:[^\s@]{1,64}@[^\s@]{1,255}|https:\/\/\S{1,500})$/, {
    message: 'subject must begin with mailto: or https://',
  })
  subject!: string;

  @ApiPropertyOptional({
    type: Number,
    description: 'How long push services keep what has no expiry of its own, s.',
    default: 86_400,
  })
  @IsInt()
  @Min(0)
  @Max(2_419_200)
  ttlS = 86_400;

  @ApiPropertyOptional({
    type: Number,
    description: 'Time for one call from connecting to the end of the answer, ms.',
    default: 15_000,
  })
  @IsInt()
  @Min(100)
  @Max(60_000)
  timeoutMs = 15_000;

  @ApiPropertyOptional({
    type: Number,
    description: 'Calls of the account under way at the same time in one worker process; a call is one browser.',
    default: 64,
  })
  @IsInt()
  @Min(1)
  @Max(128)
  concurrency = 64;
}
