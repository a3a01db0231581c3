import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsInt, Matches, Max, Min } from 'class-validator';

/** Settings of an internal app (企业内部应用) in DingTalk that sends work notices (工作通知). */
export class DingtalkSettings {
  @ApiProperty({
    description: 'AppKey (Client ID) of the app: open.dingtalk.com → 应用开发 → the app → 凭证与基础信息.',
    example: 'dingabcdefgh12345678',
  })
  @Matches(/^[A-Za-z0-9_-]{1,64}$/, { message: 'appKey must be the AppKey of an app' })
  appKey!: string;

  @ApiProperty({ description: 'AppSecret (Client Secret), on the same page. Write-only.' })
  @Matches(/^[\x21-\x7e]{1,256}$/, { message: 'appSecret must be the AppSecret of the app' })
  appSecret!: string;

  @ApiProperty({ description: 'AgentId of the app, on the same page.', example: 1_234_567_890 })
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  agentId!: number;

  @ApiPropertyOptional({
    type: String,
    description:
      'Where the API is called; another address is that of an egress proxy. Its outgoing IP must stand in the app’s 服务器出口IP.',
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
    description: 'Calls of the account under way at the same time in one worker process.',
    default: 20,
  })
  @IsInt()
  @Min(1)
  @Max(100)
  concurrency = 20;

  @ApiPropertyOptional({
    type: Boolean,
    description:
      'Ends every notice with a line of its time and a short reference. DingTalk gives a person the same words only once a day and drops the rest without a word; switch this off only where no two notices ever say the same.',
    default: true,
  })
  @IsBoolean()
  uniqueLine = true;

  @ApiPropertyOptional({
    type: Boolean,
    description: 'Keeps asking for a day who has read a notice; off: asks only until it is known who got it.',
    default: true,
  })
  @IsBoolean()
  readReceipts = true;
}
