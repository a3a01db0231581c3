import { IsInt, Max, Min } from 'class-validator';
import { Setting } from './setting.js';

export class RetentionConfig {
  @Setting('Days for which messages and deliveries are kept.')
  @IsInt()
  @Min(7)
  @Max(3650)
  RETENTION_DAYS = 400;

  @Setting('Width of a partition, in weeks.')
  @IsInt()
  @Min(1)
  @Max(26)
  PARTITION_WEEKS = 4;
}
