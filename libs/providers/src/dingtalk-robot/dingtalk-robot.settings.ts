import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';

/** Settings of a robot in a DingTalk group (群自定义机器人). Messages appear in the group; the recipients are mentioned in them. */
export class DingtalkRobotSettings {
  @ApiProperty({
    description: 'The part after `access_token=` of the webhook address that DingTalk shows for the robot. Write-only.',
  })
  @Matches(/^[A-Za-z0-9_-]{1,256}$/, { message: 'accessToken must be the access_token of the webhook address alone' })
  accessToken!: string;

  @ApiPropertyOptional({
    description: 'Secret that begins with SEC, where the robot’s security setting is 加签. Write-only.',
  })
  @IsOptional()
  @Matches(/^[\x21-\x7e]{1,256}$/, { message: 'signSecret must be the secret of the robot' })
  signSecret?: string;

  @ApiPropertyOptional({
    description:
      'One of the robot’s keywords, where its security setting is 自定义关键词: put above a message that does not hold it.',
    example: '通知',
  })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(64)
  keyword?: string;

  @ApiPropertyOptional({
    type: String,
    description: 'Where the API is called; another address is that of an egress proxy.',
    default: 'https://oapi.dingtalk.com',
  })
  @Matches(/^https?:\/\/[^\s?#]{1,500}$/, { message: 'baseUrl must be an http or https URL' })
  baseUrl = 'https://oapi.dingtalk.com';

  @ApiPropertyOptional({
    type: Number,
    description: 'Time for one call from connecting to the end of the answer, ms.',
    default: 15_000,
  })
  @IsInt()
  @Min(100)
  @Max(60_000)
  timeoutMs = 15_000;

  @ApiPropertyOptional({
    type: Number,
    description:
      'Messages a minute that one worker posts. DingTalk takes 20 and, beyond them, none for 10 minutes: divide 20 by the number of workers of the channel.',
    default: 20,
  })
  @IsInt()
  @Min(1)
  @Max(20)
  perMinute = 20;
}
