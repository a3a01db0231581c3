import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
} from 'class-validator';
import { LONGEST_BOUNCE_NAME } from './bounce-address.js';
import { MAIL_ADDRESS } from './mail-address.js';

const HOST = /^[A-Za-z0-9._:-]{1,253}$/;
const DOMAIN = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
/** Room for the reference in the local part, and nothing that a `+` would make ambiguous. */
const BOUNCE_ADDRESS = new RegExp(
  `^[A-Za-z0-9._-]{1,${LONGEST_BOUNCE_NAME}}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`,
);
/** What stands in an address and in a command line without quotes. */
const CALLBACK_TOKEN = /^[A-Za-z0-9_-]{16,128}$/;
const NO_LINE_BREAK = /^\P{Cc}*$/u;

const DSN_WISHES = ['failure', 'success_and_failure'] as const;

const usesDkim = (settings: SmtpSettings): boolean =>
  [settings.dkimDomain, settings.dkimSelector, settings.dkimPrivateKey].some((part) => part !== undefined);

/** Settings of an SMTP account (a relay or a mail service). */
export class SmtpSettings {
  @ApiProperty({ description: 'Host name or address of the mail server.', example: 'smtp.example.com' })
  @Matches(HOST, { message: 'host must be a host name or address' })
  host!: string;

  @ApiPropertyOptional({
    type: Number,
    description: 'Port: 587 with STARTTLS, 465 with TLS from the start, 25 between servers.',
    default: 587,
  })
  @IsInt()
  @Min(1)
  @Max(65_535)
  port = 587;

  @ApiPropertyOptional({ type: Boolean, description: 'TLS from the first byte (port 465).', default: false })
  @IsBoolean()
  secure = false;

  @ApiPropertyOptional({
    type: Boolean,
    description: 'Refuse to send unless the server offers STARTTLS.',
    default: false,
  })
  @IsBoolean()
  requireTls = false;

  @ApiPropertyOptional({ description: 'Certificate authority to trust besides the public ones, PEM.' })
  @IsOptional()
  @Matches(/^-----BEGIN CERTIFICATE-----/, { message: 'ca must be a certificate in PEM form' })
  @MaxLength(65_536)
  ca?: string;

  @ApiPropertyOptional({ description: 'User name; without it no login is tried.' })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(256)
  user?: string;

  @ApiPropertyOptional({ description: 'Password; needed with a user name. Write-only.' })
  @ValidateIf((settings: SmtpSettings) => settings.user !== undefined || settings.pass !== undefined)
  @IsString()
  @MinLength(1)
  @MaxLength(1024)
  pass?: string;

  @ApiProperty({
    description: 'Sender address; also the envelope sender where no bounceAddress is set.',
    example: 'notice@example.com',
  })
  @Matches(MAIL_ADDRESS, { message: 'from must be one plain mail address' })
  from!: string;

  @ApiPropertyOptional({
    description: 'Sender name shown to the recipient; without it the name of the calling system.',
  })
  @IsOptional()
  @Matches(NO_LINE_BREAK, { message: 'fromName must be one line' })
  @MaxLength(128)
  fromName?: string;

  @ApiPropertyOptional({ description: 'Address for answers.' })
  @IsOptional()
  @Matches(MAIL_ADDRESS, { message: 'replyTo must be one plain mail address' })
  replyTo?: string;

  @ApiPropertyOptional({
    description:
      'Address for bounces, of which every mail gets a variant: bounce+<reference>@example.com. The mail server of that ' +
      `domain hands them to POST /v1/receipts/mail/{account}. At most ${LONGEST_BOUNCE_NAME} characters before the @, no plus sign.`,
    example: 'bounce@example.com',
  })
  @IsOptional()
  @Matches(BOUNCE_ADDRESS, {
    message: `bounceAddress must be a mail address with at most ${LONGEST_BOUNCE_NAME} letters, digits, dots, hyphens before the @`,
  })
  bounceAddress?: string;

  @ApiPropertyOptional({
    description:
      'Secret in the address to which bounces are posted: /v1/receipts/mail/{account}?token=<callbackToken>; without it ' +
      'none are taken. 16 to 128 letters, digits, hyphens, underscores. Write-only.',
  })
  @IsOptional()
  @Matches(CALLBACK_TOKEN, {
    message: 'callbackToken must be 16 to 128 letters, digits, hyphens and underscores',
  })
  callbackToken?: string;

  @ApiPropertyOptional({
    description:
      'Reports to ask of servers that offer them (RFC 3461): of failures, or of successes too, which is a mail back for ' +
      'every mail and what proves a delivery. Without it servers do as they like, usually report failures.',
    enum: DSN_WISHES,
  })
  @IsOptional()
  @IsIn(DSN_WISHES, { message: `dsn must be one of: ${DSN_WISHES.join(', ')}` })
  dsn?: (typeof DSN_WISHES)[number];

  @ApiPropertyOptional({ type: Number, description: 'Connections held open to the server.', default: 5 })
  @IsInt()
  @Min(1)
  @Max(50)
  maxConnections = 5;

  @ApiPropertyOptional({
    type: Number,
    description: 'Time for one message from connecting to the last answer, ms.',
    default: 60_000,
  })
  @IsInt()
  @Min(1000)
  @Max(600_000)
  timeoutMs = 60_000;

  @ApiPropertyOptional({ description: 'Domain of the DKIM signature; the three dkim settings belong together.' })
  @ValidateIf(usesDkim)
  @Matches(DOMAIN, { message: 'dkimDomain must be a domain name' })
  dkimDomain?: string;

  @ApiPropertyOptional({ description: 'Selector of the DKIM key in the DNS.' })
  @ValidateIf(usesDkim)
  @Matches(DOMAIN, { message: 'dkimSelector must be a DNS label' })
  dkimSelector?: string;

  @ApiPropertyOptional({ description: 'Private key of the DKIM signature, PEM. Write-only.' })
  @ValidateIf(usesDkim)
  @Matches(/^-----BEGIN (?:RSA )?PRIVATE KEY-----/, { message: 'dkimPrivateKey must be a private key in PEM form' })
  @MaxLength(16_384)
  dkimPrivateKey?: string;
}
