import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsUrl, Matches } from 'class-validator';
import { BASE_URL, HttpSmsSettings, SIGN_NAME, VENDOR_KEY } from '../sms/http-sms.settings.js';

/** Settings of an account at Tencent Cloud SMS (2021-01-11). */
export class TencentSmsSettings extends HttpSmsSettings {
  @ApiProperty({ description: 'SecretId of an API key that may use SMS (QcloudSMSFullAccess).' })
  @Matches(VENDOR_KEY, { message: 'secretId must be 1 to 128 printable characters' })
  secretId!: string;

  @ApiProperty({ description: 'SecretKey of the API key. Write-only.' })
  @Matches(VENDOR_KEY, { message: 'secretKey must be 1 to 128 printable characters' })
  secretKey!: string;

  @ApiProperty({ description: 'SdkAppId of the application in the SMS console.', example: '1400006666' })
  @Matches(/^\d{5,20}$/, { message: 'smsSdkAppId must be 5 to 20 digits' })
  smsSdkAppId!: string;

  @ApiPropertyOptional({
    description: 'Approved signature, without brackets; needed for numbers of mainland China.',
    example: '腾讯云',
  })
  @IsOptional()
  @Matches(SIGN_NAME, { message: 'signName must be 1 to 30 characters without brackets' })
  signName?: string;

  @ApiPropertyOptional({ type: String, description: 'Region of the API.', default: 'ap-guangzhou' })
  @Matches(/^[a-z]{2}-[a-z0-9-]{2,30}$/, { message: 'region must look like ap-guangzhou' })
  region = 'ap-guangzhou';

  @ApiPropertyOptional({ description: 'Extension of the sender’s number; opened by the vendor on request.' })
  @IsOptional()
  @Matches(/^\d{1,20}$/, { message: 'extendCode must be 1 to 20 digits' })
  extendCode?: string;

  @ApiPropertyOptional({ description: 'Sender id shown outside mainland China, where one was granted.' })
  @IsOptional()
  @Matches(/^[A-Za-z0-9]{1,20}$/, { message: 'senderId must be 1 to 20 letters or digits' })
  senderId?: string;

  @ApiPropertyOptional({
    type: String,
    description: 'Address of the API, or of a proxy in front of it.',
    default: 'https://sms.tencentcloudapi.com',
  })
  @IsUrl(BASE_URL)
  baseUrl = 'https://sms.tencentcloudapi.com';
}
