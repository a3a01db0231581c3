import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsNotEmpty,
  IsObject,
  IsString,
  Matches,
  MaxLength,
} from 'class-validator';

export class PutTemplateDto {
  @ApiProperty({ example: 'Invoice is due' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  name!: string;

  @ApiProperty({ description: 'Every placeholder of the content.', example: ['name', 'amount'] })
  @IsArray()
  @ArrayMaxSize(100)
  @ArrayUnique()
  @Matches(/^[\p{L}\p{N}\p{M}_-]{1,64}$/u, {
    each: true,
    message: 'each value in params must be 1 to 64 letters, digits, dashes or underscores',
  })
  params!: string[];

  @ApiProperty({
    description:
      'Per channel: `title, text, summary, url, iconUrl` (mail: `subject, html`; wechat: `publicId, templateId, data, url`; wecom and dingtalk: `format` (text, card, news or markdown) and `buttonText` of a card). A channel without content takes `portal.text`.',
    example: {
      portal: { title: 'Invoice', text: 'Dear {{name}}, {{amount}} is due.' },
      sms: { text: '{{name}}: {{amount}} is due.' },
      mail: { subject: 'Invoice', html: '<p>Dear {{name}}, <b>{{amount}}</b> is due.</p>' },
    },
  })
  @IsObject()
  content!: Record<string, unknown>;
}
