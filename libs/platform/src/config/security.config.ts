import { IsOptional, Matches, MinLength } from 'class-validator';
import { IsMasterKey } from './rules.js';
import { Setting } from './setting.js';

export class SecurityConfig {
  @Setting(
    'Bearer token of the administrator, at least 16 characters; a gateway without it starts, and refuses every call of an administrator. npm start makes one.',
    {
      secret: true,
      example: 'change-me-to-a-long-random-text',
    },
  )
  @IsOptional()
  @MinLength(16)
  @Matches(/^[!-+\--~]*$/, { message: 'must be printable ASCII without spaces and commas' })
  ADMIN_TOKEN?: string;

  @Setting('Key that encrypts stored secrets: 32 random bytes as hex or base64 (openssl rand -hex 32).', {
    secret: true,
    example: 'output of: openssl rand -hex 32',
  })
  @IsMasterKey()
  MASTER_KEY!: string;

  @Setting('Former master key, read only, while stored secrets are still sealed with it.', {
    secret: true,
    example: 'former MASTER_KEY',
  })
  @IsOptional()
  @IsMasterKey()
  MASTER_KEY_PREVIOUS?: string;
}
