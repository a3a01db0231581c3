import { IsArray, IsIn, IsOptional, Matches } from 'class-validator';
import { isLoopbackHost } from '../net/loopback.js';
import type { ConfigProblem } from './config-error.js';
import type { HttpConfig } from './http.config.js';
import { Setting } from './setting.js';

/** The IM door. */
export class ImConfig {
  @Setting(
    'token: the IM door wants IM_MANAGER_TOKEN or the token of a client app with the feature im; none: it wants nothing, which is allowed only while HOST is a loopback address.',
  )
  @IsIn(['token', 'none'])
  IM_AUTH: 'token' | 'none' = 'token';

  @Setting('What opens the IM door to a server in its header token, at least 16 characters.', {
    secret: true,
    example: 'change-me-to-a-long-random-text',
  })
  @IsOptional()
  @Matches(/^[!-+\--~]{16,256}$/, { message: 'must be 16 to 256 printable ASCII characters without spaces and commas' })
  IM_MANAGER_TOKEN?: string;

  @Setting(
    'Comma list of origins whose web pages may call the IM door, and with IM_AUTH=none also connect to its listener; none unless given.',
    {
      example: 'https://chat.example.com',
    },
  )
  @IsArray()
  @Matches(/^https?:\/\/[^/\s?#@]+$/, { each: true, message: 'each value must be an origin such as https://host:port' })
  IM_CORS_ORIGINS: string[] = [];
}

/** Null: either somebody is asked who he is, or only this machine gets in. HTTP and WebSocket both listen at HOST. */
export function openImDoorProblem({ IM_AUTH }: ImConfig, { HOST }: HttpConfig): ConfigProblem | null {
  if (IM_AUTH !== 'none' || isLoopbackHost(HOST)) return null;
  const expected = 'token, or a loopback address as HOST, because otherwise anybody could send as anybody';
  return { name: 'IM_AUTH', wrong: `is none while HOST is ${HOST}`, expected };
}
