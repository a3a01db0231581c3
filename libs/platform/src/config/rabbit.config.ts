import { ArrayMinSize, IsInt, IsOptional, Max, Min } from 'class-validator';
import type { ConfigProblem } from './config-error.js';
import { IsAmqpUrl } from './rules.js';
import { Setting } from './setting.js';

/** RabbitMQ 3.10 or newer. */
export class RabbitConfig {
  @Setting(
    'Comma list of URLs of the RabbitMQ nodes; needed by every app that is a process of its own. Without it npm start keeps messages inside its one process.',
    {
      secret: true,
      example: 'amqp://mc:password@127.0.0.1:5672/mc',
    },
  )
  @IsOptional()
  @ArrayMinSize(1)
  @IsAmqpUrl({ each: true })
  RABBITMQ_URL?: string[];

  @Setting('Unacknowledged messages one consumer may hold.')
  @IsInt()
  @Min(1)
  @Max(2000)
  RABBITMQ_PREFETCH = 200;

  @Setting('Longest wait for the confirm of a published message, in ms.')
  @IsInt()
  @Min(100)
  @Max(60_000)
  RABBITMQ_PUBLISH_DEADLINE_MS = 5_000;
}

/** Of an app that is one process of several. */
export function noBrokerProblem({ RABBITMQ_URL }: RabbitConfig): ConfigProblem | null {
  if (RABBITMQ_URL) return null;
  const expected = 'comma list of URLs of the RabbitMQ nodes, through which this app reaches the others';
  return { name: 'RABBITMQ_URL', wrong: 'is not set', expected };
}
