import { IsInt, IsNotEmpty, IsOptional, Max, Min } from 'class-validator';
import { Setting } from './setting.js';

/** The listener for probes and metrics, one per process, never public. */
export class HealthConfig {
  @Setting(
    'TCP port of /health/live, /health/ready and /metrics; 0 switches them off; every app has a default of its own, npm start 3100 or a free one.',
    {
      example: '3100',
    },
  )
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(65_535)
  HEALTH_PORT?: number;

  @Setting('Address the health listener binds to; 0.0.0.0 in containers.')
  @IsNotEmpty()
  HEALTH_HOST = '127.0.0.1';
}
