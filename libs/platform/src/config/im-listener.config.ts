import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { Setting } from './setting.js';

/** The listener for clients of instant messages. */
export class ImListenerConfig {
  @Setting(
    'TCP port of the WebSocket listener for clients of the IM door, at HOST; 0: none. npm start takes a free one where it is taken and not set.',
  )
  @IsInt()
  @Min(0)
  @Max(65_535)
  IM_WS_PORT = 5200;

  @Setting(
    'Where clients reach that listener, for /route; without it the host of PUBLIC_URL (or HOST) and IM_WS_PORT.',
    {
      example: 'wss://chat.example.com',
    },
  )
  @IsOptional()
  @Matches(/^wss?:\/\/[^\s?#@]+$/, { message: 'must be a ws:// or wss:// URL' })
  IM_WS_URL?: string;

  @Setting('Clients that may be connected to one process at a time.')
  @IsInt()
  @Min(1)
  @Max(200_000)
  IM_MAX_CONNECTIONS = 20_000;

  @Setting('Messages that one client may send in a second, on average; twice as many at once.')
  @IsInt()
  @Min(1)
  @Max(10_000)
  IM_CLIENT_SENDS_PER_SECOND = 100;
}
