import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsInt, Matches, Max, Min } from 'class-validator';

/** Settings of one app of a company in WeCom (企业微信). */
export class WecomSettings {
  @ApiProperty({
    description: 'Id of the company: admin console → 我的企业 → 企业信息 → 企业ID.',
    example: 'ww0123456789abcdef',
  })
  @Matches(/^[A-Za-z0-9_-]{1,64}$/, { message: 'corpId must be the id of a company, such as ww0123456789abcdef' })
  corpId!: string;

  @ApiProperty({ description: 'Secret of the app: admin console → 应用管理 → the app → Secret. Write-only.' })
  @Matches(/^[\x21-\x7e]{1,256}$/, { message: 'secret must be the secret of the app' })
  secret!: string;

  @ApiProperty({
    description:
      'Id of the app (AgentId), on the same page as its secret. Only people in the app’s 可见范围 can be reached.',
    example: 1_000_002,
  })
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  agentId!: number;

  @ApiPropertyOptional({
    type: String,
    description:
      'Where the API is called; another address is that of an egress proxy. Its outgoing IP must stand in the app’s 企业可信IP.',
    default: 'https://qyapi.weixin.qq.com',
  })
  @Matches(/^https?:\/\/[^\s?#]{1,500}$/, { message: 'baseUrl must be an http or https URL' })
  baseUrl = 'https://qyapi.weixin.qq.com';

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
      'Calls of the account under way at the same time in one worker process. WeCom refuses several hundred at once (45033).',
    default: 20,
  })
  @IsInt()
  @Min(1)
  @Max(100)
  concurrency = 20;

  @ApiPropertyOptional({
    type: Boolean,
    description:
      'Whether a to-do with a link is sent as a card with a button, which shows 已办理 once the to-do is done. Without it as every other message: as a text card, which stays as it is.',
    default: true,
  })
  @IsBoolean()
  todoCard = true;
}
