import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsInt, IsOptional, Matches, Max, Min, ValidateIf } from 'class-validator';

const KEY = /^[A-Za-z0-9]{8,64}$/;
const HTTP_URL = /^https?:\/\/[^\s?#]{1,500}$/;

/** Settings of an app in Umeng U-Push (友盟+ 消息推送). Umeng counts the app for Android and the one for iOS as two. */
export class UmengSettings {
  @ApiPropertyOptional({
    description:
      'AppKey of the Android app: U-Push console → 应用管理 → 应用信息. Needed unless there is only one for iOS.',
    example: '5f6c7d8e9a0b1c2d3e4f5a6b',
  })
  @ValidateIf(({ appKey, iosAppKey }: UmengSettings) => appKey !== undefined || iosAppKey === undefined)
  @Matches(KEY, { message: 'appKey must be the AppKey of the Android app (or give iosAppKey)' })
  appKey?: string;

  @ApiPropertyOptional({ description: 'App Master Secret, on the same page. Write-only.' })
  @ValidateIf(({ appKey, appMasterSecret }: UmengSettings) => appKey !== undefined || appMasterSecret !== undefined)
  @Matches(KEY, { message: 'appMasterSecret must be the App Master Secret of the Android app' })
  appMasterSecret?: string;

  @ApiPropertyOptional({ description: 'AppKey of the iOS app.', example: '5f6c7d8e9a0b1c2d3e4f5a6c' })
  @IsOptional()
  @Matches(KEY, { message: 'iosAppKey must be the AppKey of the iOS app' })
  iosAppKey?: string;

  @ApiPropertyOptional({ description: 'App Master Secret of the iOS app. Write-only.' })
  @ValidateIf(({ iosAppKey, iosAppMasterSecret }: UmengSettings) => [iosAppKey, iosAppMasterSecret].some(isGiven))
  @Matches(KEY, { message: 'iosAppMasterSecret must be the App Master Secret of the iOS app' })
  iosAppMasterSecret?: string;

  @ApiPropertyOptional({
    type: Boolean,
    description:
      'Whether devices that get the same go out in one call (listcast, at most 500). The app is then not told the `ref` of its own push: with false it always is, at the price of a call a device.',
    default: true,
  })
  @IsBoolean()
  listcast = true;

  @ApiPropertyOptional({
    type: String,
    description:
      'Where the API is called; another address is that of an egress proxy. Its outgoing IP must stand in the app’s 服务器IP地址.',
    default: 'https://msgapi.umeng.com',
  })
  @Matches(HTTP_URL, { message: 'baseUrl must be an http or https URL' })
  baseUrl = 'https://msgapi.umeng.com';

  @ApiPropertyOptional({
    description:
      'Address the signature is made for, where a proxy at baseUrl passes requests on under Umeng’s own address. Default: baseUrl.',
    example: 'https://msgapi.umeng.com',
  })
  @IsOptional()
  @Matches(HTTP_URL, { message: 'signedUrl must be an http or https URL' })
  signedUrl?: string;

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
}

const isGiven = (value: unknown): boolean => value !== undefined;
