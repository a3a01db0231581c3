import { OUTGOING_CHANNELS, type Channel } from '#contracts';
import { ArrayMinSize, ArrayUnique, IsArray, IsIn, IsOptional, Matches } from 'class-validator';
import { Setting } from './setting.js';

export class WorkerConfig {
  @Setting('Comma list of the channels a channel-worker serves.')
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(OUTGOING_CHANNELS, { each: true })
  CHANNELS: Channel[] = [...OUTGOING_CHANNELS];

  @Setting(
    'Name of this channel-worker, the same after a restart and unlike that of any other; without it the name of the host. Under it an MQTT broker keeps what devices say meanwhile.',
    { example: 'worker-1' },
  )
  @IsOptional()
  @Matches(/^[A-Za-z0-9._-]{1,64}$/, { message: 'must be 1 to 64 letters, digits, dots, - and _' })
  WORKER_NAME?: string;
}
