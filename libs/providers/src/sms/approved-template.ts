import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';

/** A template that the vendor has approved for the account. */
export class ApprovedTemplate {
  @ApiProperty({ description: 'Code or id of the template at the vendor.', example: 'SMS_15305' })
  @Matches(/^[A-Za-z0-9_-]{1,64}$/, { message: 'code must be 1 to 64 letters, digits, dashes or underscores' })
  code!: string;

  @ApiProperty({
    description:
      'Text as approved, without the signature, with the vendor’s own placeholders: ${name} at Aliyun, {1} at Tencent.',
    example: '您的验证码为${code}，请勿告知他人。',
  })
  @IsString()
  @MinLength(1)
  @MaxLength(1000)
  text!: string;

  @ApiPropertyOptional({
    description: 'Signature of this template, where it is not the account’s own; without brackets.',
  })
  @IsOptional()
  @Matches(/^[^\p{C}【】]{1,30}$/u, { message: 'signName must be 1 to 30 characters without brackets' })
  signName?: string;

  @ApiPropertyOptional({
    description:
      'True: only for numbers outside mainland China. False: only for those of mainland China. Absent: for all.',
  })
  @IsOptional()
  @IsBoolean()
  international?: boolean;
}
