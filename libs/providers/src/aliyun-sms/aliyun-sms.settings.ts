import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsUrl, Matches } from 'class-validator';
import { BASE_URL, HttpSmsSettings, SIGN_NAME, VENDOR_KEY } from '../sms/http-sms.settings.js';

/** Settings of an account at Aliyun SMS (dysmsapi 2017-05-25). */
export class AliyunSmsSettings extends HttpSmsSettings {
  @ApiProperty({ description: 'AccessKey id of a RAM user that may use SMS (AliyunDysmsFullAccess).' })
  @Matches(VENDOR_KEY, { message: 'accessKeyId must be 1 to 128 printable characters' })
  accessKeyId!: string;

  @ApiProperty({ description: 'Secret of the AccessKey. Write-only.' })
  @Matches(VENDOR_KEY, { message: 'accessKeySecret must be 1 to 128 printable characters' })
  accessKeySecret!: string;

  @ApiProperty({ description: 'Approved signature, without brackets.', example: '阿里云' })
  @Matches(SIGN_NAME, { message: 'signName must be 1 to 30 characters without brackets' })
  signName!: string;

  @ApiPropertyOptional({ description: 'Extension of the sender’s number, by which replies are told apart.' })
  @IsOptional()
  @Matches(/^\d{1,20}$/, { message: 'smsUpExtendCode must be 1 to 20 digits' })
  smsUpExtendCode?: string;

  @ApiPropertyOptional({
    type: String,
    description: 'Address of the API, or of a proxy in front of it.',
    default: 'https://dysmsapi.aliyuncs.com',
  })
  @IsUrl(BASE_URL)
  baseUrl = 'https://dysmsapi.aliyuncs.com';
}
