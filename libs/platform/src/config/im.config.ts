import { IsArray, IsIn, IsInt, IsOptional, IsUrl, Max, Min, MinLength } from 'class-validator';
import { Setting } from './setting.js';

/** The IM door. */
export class ImConfig {
  @Setting('none: the IM door asks for no token, allowed on a loopback HOST only; token: it does.')
  @IsIn(['none', 'token'])
  IM_AUTH: 'none' | 'token' = 'token';

  @Setting('Token that opens the IM door as its manager, at least 16 characters.', {
    secret: true,
    example: 'change-me-to-a-long-random-text',
  })
  @IsOptional()
  @MinLength(16)
  IM_MANAGER_TOKEN?: string;

  @Setting('Comma list of origins whose pages may call the IM door (CORS).', { example: 'https://chat.example.com' })
  @IsArray()
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'] }, { each: true })
  IM_CORS_ORIGINS: string[] = [];

  @Setting('TCP port of the IM WebSocket listener.')
  @IsInt()
  @Min(0)
  @Max(65_535)
  IM_WS_PORT = 5200;
}
