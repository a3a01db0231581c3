import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';

/** Settings of the sandbox, which serves every outgoing channel without sending anything anywhere. */
export class SandboxSettings {
  @ApiPropertyOptional({ type: Number, description: 'Time the simulated vendor takes for a batch, ms.', default: 0 })
  @IsInt()
  @Min(0)
  @Max(60_000)
  latencyMs = 0;
}
