import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';

/** `whsec_` and the base64 of 24–64 bytes, as Standard Webhooks 1.0.0 wants it. */
const SECRET = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;

/** Settings of the webhook channel: each recipient's address is a URL of its own. */
export class WebhookSettings {
  @ApiPropertyOptional({
    description: 'Signing secret (Standard Webhooks); without it requests are not signed. Write-only.',
  })
  @IsOptional()
  @Matches(SECRET, { message: 'secret must be whsec_ followed by the base64 of 24 to 64 bytes' })
  secret?: string;

  @ApiPropertyOptional({ description: 'Secret that is being replaced; signs beside the new one. Write-only.' })
  @IsOptional()
  @Matches(SECRET, { message: 'previousSecret must be whsec_ followed by the base64 of 24 to 64 bytes' })
  previousSecret?: string;

  @ApiPropertyOptional({
    type: Number,
    description: 'Time for one request from connecting to the end of the answer, ms.',
    default: 15_000,
  })
  @IsInt()
  @Min(100)
  @Max(60_000)
  timeoutMs = 15_000;

  @ApiPropertyOptional({ type: Number, description: 'Requests under way at the same time.', default: 50 })
  @IsInt()
  @Min(1)
  @Max(200)
  concurrency = 50;
}
