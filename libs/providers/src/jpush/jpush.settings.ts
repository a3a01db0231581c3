import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsInt, Matches, Max, Min } from 'class-validator';

const KEY = /^[A-Za-z0-9]{8,64}$/;
const HTTP_URL = /^https?:\/\/[^\s?#]{1,500}$/;

/** Settings of an app in JPush (极光推送). One app serves Android and iOS. */
export class JpushSettings {
  @ApiProperty({ description: 'AppKey: JPush console → 应用设置 → 应用信息.', example: 'a1b2c3d4e5f6a7b8c9d0e1f2' })
  @Matches(KEY, { message: 'appKey must be the AppKey of the app' })
  appKey!: string;

  @ApiProperty({ description: 'Master Secret, on the same page. Write-only.' })
  @Matches(KEY, { message: 'masterSecret must be the Master Secret of the app' })
  masterSecret!: string;

  @ApiPropertyOptional({
    type: Boolean,
    description:
      'Whether JPush is asked later which devices got it (`delivered`), which it answers for paying apps only. Without it what it took stays `sent`.',
    default: false,
  })
  @IsBoolean()
  receipts = false;

  @ApiPropertyOptional({
    type: String,
    description:
      'Where messages are sent; apps of the Beijing centre have an address of their own. Another one is that of an egress proxy.',
    default: 'https://api.jpush.cn',
  })
  @Matches(HTTP_URL, { message: 'baseUrl must be an http or https URL' })
  baseUrl = 'https://api.jpush.cn';

  @ApiPropertyOptional({
    type: String,
    description: 'Where reports are asked for, or its egress proxy.',
    default: 'https://report.jpush.cn',
  })
  @Matches(HTTP_URL, { message: 'reportUrl must be an http or https URL' })
  reportUrl = 'https://report.jpush.cn';

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
      'Calls of the account under way at the same time in one worker process; a call takes up to 1,000 devices that get the same. A free app may make 600 calls a minute.',
    default: 10,
  })
  @IsInt()
  @Min(1)
  @Max(100)
  concurrency = 10;
}
