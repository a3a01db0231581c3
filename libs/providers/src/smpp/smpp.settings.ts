import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, Matches, Max, MaxLength, Min } from 'class-validator';

const HOST = /^[A-Za-z0-9._:-]{1,253}$/;
/** A C-octet string of the protocol holds ASCII without NUL; its greatest length here is without the closing NUL. */
const printable = (min: number, max: number): RegExp => new RegExp(`^[\\x20-\\x7e]{${min},${max}}$`);

export const RECEIPT_ID_FORMATS = ['as-is', 'hex-to-dec', 'dec-to-hex'] as const;
export type ReceiptIdFormat = (typeof RECEIPT_ID_FORMATS)[number];

/** Settings of an account at an SMS centre or aggregator that speaks SMPP 3.4. */
export class SmppSettings {
  @ApiProperty({ description: 'Host name or address of the message centre (SMSC).', example: 'smpp.example.com' })
  @Matches(HOST, { message: 'host must be a host name or address' })
  host!: string;

  @ApiPropertyOptional({ type: Number, description: 'Port: usually 2775, with TLS 3550.', default: 2775 })
  @IsInt()
  @Min(1)
  @Max(65_535)
  port = 2775;

  @ApiPropertyOptional({ type: Boolean, description: 'TLS from the first byte.', default: false })
  @IsBoolean()
  tls = false;

  @ApiPropertyOptional({ description: 'Certificate authority to trust besides the public ones, PEM.' })
  @IsOptional()
  @Matches(/^-----BEGIN CERTIFICATE-----/, { message: 'ca must be a certificate in PEM form' })
  @MaxLength(65_536)
  ca?: string;

  @ApiProperty({ description: 'system_id: the user name, at most 15 characters.', example: 'center' })
  @Matches(printable(1, 15), { message: 'systemId must be 1 to 15 printable ASCII characters' })
  systemId!: string;

  @ApiProperty({ description: 'Password, at most 8 characters. Write-only.' })
  @Matches(printable(0, 8), { message: 'password must be at most 8 printable ASCII characters' })
  password!: string;

  @ApiPropertyOptional({
    type: String,
    description: 'system_type, where the message centre asks for one.',
    default: '',
  })
  @Matches(printable(0, 12), { message: 'systemType must be at most 12 printable ASCII characters' })
  systemType = '';

  @ApiPropertyOptional({
    type: String,
    description:
      'address_range: a pattern of the numbers whose incoming messages are wanted, where the centre asks for it.',
    default: '',
  })
  @Matches(printable(0, 40), { message: 'addressRange must be at most 40 printable ASCII characters' })
  addressRange = '';

  @ApiPropertyOptional({
    type: String,
    description: 'Sender shown on the handset: a number or a name. Empty: the one the centre has for the account.',
    default: '',
  })
  @Matches(printable(0, 20), { message: 'sourceAddr must be at most 20 printable ASCII characters' })
  sourceAddr = '';

  @ApiPropertyOptional({
    type: Number,
    description: 'Type of number of the sender: 0 unknown, 1 international, 2 national, 3 short code, 5 name.',
    default: 0,
  })
  @IsInt()
  @Min(0)
  @Max(6)
  sourceTon = 0;

  @ApiPropertyOptional({
    type: Number,
    description: 'Numbering plan of the sender: 0 unknown, 1 telephone numbers.',
    default: 0,
  })
  @IsInt()
  @Min(0)
  @Max(18)
  sourceNpi = 0;

  @ApiPropertyOptional({
    type: Number,
    description: 'Type of number of the recipient: 1 international, 2 national.',
    default: 1,
  })
  @IsInt()
  @Min(0)
  @Max(6)
  destTon = 1;

  @ApiPropertyOptional({
    type: Number,
    description: 'Numbering plan of the recipient: 1 telephone numbers.',
    default: 1,
  })
  @IsInt()
  @Min(0)
  @Max(18)
  destNpi = 1;

  @ApiPropertyOptional({
    description:
      'Form of the recipient’s number: international (8613800138000, without +) or national (mobile numbers of China as their 11 digits; others stay international).',
    enum: ['international', 'national'],
    default: 'international',
  })
  @IsIn(['international', 'national'])
  destFormat: 'international' | 'national' = 'international';

  @ApiPropertyOptional({
    description:
      'auto: texts within the GSM alphabet take 160 characters a message, all others 70. ucs2: always 70; for centres whose default alphabet is not the GSM one.',
    enum: ['auto', 'ucs2'],
    default: 'auto',
  })
  @IsIn(['auto', 'ucs2'])
  alphabet: 'auto' | 'ucs2' = 'auto';

  @ApiPropertyOptional({
    type: Number,
    description: 'Most parts of one text (153 or 67 characters each); a longer text is refused.',
    default: 10,
  })
  @IsInt()
  @Min(1)
  @Max(255)
  maxParts = 10;

  @ApiPropertyOptional({
    type: Number,
    description:
      'Submits that may be without an answer at the same time, per replica of the channel worker. Every replica opens one session.',
    default: 50,
  })
  @IsInt()
  @Min(1)
  @Max(1000)
  window = 50;

  @ApiPropertyOptional({ type: Number, description: 'Silence after which enquire_link is sent, s.', default: 30 })
  @IsInt()
  @Min(1)
  @Max(3600)
  enquireLinkS = 30;

  @ApiPropertyOptional({ type: Number, description: 'Time for an answer of the message centre, ms.', default: 30_000 })
  @IsInt()
  @Min(100)
  @Max(300_000)
  responseTimeoutMs = 30_000;

  @ApiPropertyOptional({
    type: Boolean,
    description: 'Ask for delivery receipts. Of a text in several parts, only the last one is asked for.',
    default: true,
  })
  @IsBoolean()
  requestReceipts = true;

  @ApiPropertyOptional({
    description:
      'How receipts name a message, compared with the answer to its submit: as-is the same; hex-to-dec: receipts are hexadecimal, answers decimal; dec-to-hex: receipts are decimal, answers hexadecimal. With the last two, ids are kept in decimal.',
    enum: RECEIPT_ID_FORMATS,
    default: 'as-is',
  })
  @IsIn(RECEIPT_ID_FORMATS)
  receiptIdFormat: ReceiptIdFormat = 'as-is';

  @ApiPropertyOptional({
    description: 'Offset from UTC of the times in receipts, e.g. +08:00. Without it the moment of arrival counts.',
    example: '+08:00',
  })
  @IsOptional()
  @Matches(/^[+-](?:0\d|1[0-4]):[0-5]\d$/, { message: 'receiptUtcOffset must look like +08:00' })
  receiptUtcOffset?: string;
}
