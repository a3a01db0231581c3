import { OUTGOING_CHANNELS, type Channel } from '#contracts';
import { ArrayMinSize, ArrayUnique, IsArray, IsIn } from 'class-validator';
import { Setting } from './setting.js';

export class WorkerConfig {
  @Setting('Comma list of the channels a channel-worker serves.')
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(OUTGOING_CHANNELS, { each: true })
  CHANNELS: Channel[] = [...OUTGOING_CHANNELS];
}
