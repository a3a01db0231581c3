import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsDefined, IsIn, IsNotEmpty, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

const MAX_TAG = 128;
const MAX_DESCRIPTION = 512;
const MAX_LIST = 1_000_000;

export type PushType = 'unicast' | 'groupcast';
/** Published as a text; many JSON libraries write it as what it is. */
export type ProductionMode = 'true' | 'false' | boolean;

/** What may stand in the payload and beside it. */
class PushOptions {
  @ApiPropertyOptional({
    example: 'true',
    enum: ['true', 'false'],
    description: 'false: only devices that are registered for tests. Default true.',
  })
  @IsOptional()
  @JSONSchema({ enum: ['true', 'false', true, false, ''] })
  production_mode?: ProductionMode | '';

  @ApiPropertyOptional({ example: '防汛通知', description: 'For whoever reads the report; never sent.' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_DESCRIPTION)
  description?: string;

  @ApiPropertyOptional({
    example: 'flood-2026',
    description:
      'Counted together by `GET /psp/push/task?tag=`; of config pushes the newest of a tag replaces the older.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TAG)
  tag?: string;
}

class PushTarget extends PushOptions {
  @ApiProperty({ example: 'unicast', enum: ['unicast', 'groupcast'] })
  @IsIn(['unicast', 'groupcast'])
  type!: PushType;

  @ApiPropertyOptional({
    example: 'd7f1a2b3c4',
    description: 'unicast: one device token, required. groupcast: up to 500, separated by commas.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_LIST)
  device_tokens?: string;

  @ApiPropertyOptional({
    example: 'u1,u2',
    description: 'groupcast: all devices of these users, up to 10,000, separated by commas. Extension.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_LIST)
  user_ids?: string;

  @ApiPropertyOptional({
    example: '4401',
    description:
      'groupcast: the devices of everybody in these org units and their descendants, up to 500 codes, separated by commas. Extension.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_LIST)
  org_ids?: string;
}

class MessageContent {
  @ApiPropertyOptional({ example: '有新的警情', description: 'Title of a notification: required there.' })
  @IsOptional()
  @IsString()
  title?: string;

  @ApiPropertyOptional({
    description: 'For the program on the device, a text or JSON: required where `display_type` is message.',
    oneOf: [{ type: 'string' }, { type: 'object' }, { type: 'array', items: {} }],
    example: { caseId: '4711' },
  })
  @IsOptional()
  @JSONSchema({ type: ['string', 'object', 'array'] })
  custom?: string | Record<string, unknown> | unknown[];
}

class MessagePayload extends PushOptions {
  @ApiProperty({
    example: 'notification',
    enum: ['notification', 'message'],
    description: 'notification: shown to the person; message: handed to the program.',
  })
  @IsIn(['notification', 'message'])
  display_type!: 'notification' | 'message';

  @ApiProperty({ type: () => MessageContent })
  @IsDefined()
  @ValidateNested()
  body!: MessageContent;
}

class ConfigPayload extends PushOptions {
  @ApiProperty({ example: 'cache=2&submit=10', description: 'The configuration itself.' })
  @IsString()
  @IsNotEmpty()
  body!: string;
}

export class PushMessageBody extends PushTarget {
  @ApiProperty({ type: () => MessagePayload, description: 'At most 1024 bytes of JSON; to iOS at most 256.' })
  @IsDefined()
  @ValidateNested()
  payload!: MessagePayload;
}

export class PushConfigBody extends PushTarget {
  @ApiProperty({ type: () => ConfigPayload, description: 'At most 1024 bytes of JSON; to iOS at most 256.' })
  @IsDefined()
  @ValidateNested()
  payload!: ConfigPayload;
}

/** Any body of the door. */
export type PushBody = PushMessageBody | PushConfigBody;
