import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsInt,
  IsOptional,
  Matches,
  Max,
  Min,
  Validate,
  ValidateNested,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { isIpRange } from '#platform';
import type { RecipientLimit } from '../port/channel-provider.port.js';
import { ApprovedTemplate } from './approved-template.js';

/** A vendor's host, or a proxy in front of it. */
export const BASE_URL = { require_tld: false, protocols: ['http', 'https'], require_protocol: true };
export const SIGN_NAME = /^[^\p{C}【】]{1,30}$/u;
/** A key of a vendor's console. */
export const VENDOR_KEY = /^[\x21-\x7e]{1,128}$/;
const HOST = /^[A-Za-z0-9.-]{1,253}(?::\d{1,5})?$/;

@ValidatorConstraint()
class IsIpOrRange implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && isIpRange(value);
  }

  defaultMessage(): string {
    return 'callbackIps must be IP addresses or CIDR ranges';
  }
}

class RecipientLimitSettings implements RecipientLimit {
  @ApiProperty({ description: 'Messages within the window.', example: 1 })
  @IsInt()
  @Min(1)
  @Max(10_000)
  max!: number;

  @ApiProperty({ description: 'Length of the window, seconds.', example: 60 })
  @IsInt()
  @Min(1)
  @Max(86_400)
  windowS!: number;
}

/** What accounts at the SMS vendors with an HTTP API have in common. */
export class HttpSmsSettings {
  @ApiPropertyOptional({
    description:
      'Host name the signature is made for, where a proxy at baseUrl passes requests on under the vendor’s own name. ' +
      'Default: the host of baseUrl.',
    example: 'sms.vendor.example',
  })
  @IsOptional()
  @Matches(HOST, { message: 'signedHost must be a host name, perhaps with a port' })
  signedHost?: string;

  @ApiPropertyOptional({
    type: [ApprovedTemplate],
    description:
      'Templates the vendor has approved. A text goes out with the template whose own words it has; a text that fits none is ' +
      'refused (no_template). A message template that names its vendor template goes out with that one.',
    default: [],
  })
  @IsArray()
  @ArrayMaxSize(500)
  @ArrayUnique((template: ApprovedTemplate | undefined) => template?.code)
  @ValidateNested({ each: true })
  @Type(() => ApprovedTemplate)
  templates: ApprovedTemplate[] = [];

  @ApiPropertyOptional({
    type: Number,
    description: 'Time for one request from connecting to the end of the answer, ms.',
    default: 10_000,
  })
  @IsInt()
  @Min(500)
  @Max(60_000)
  timeoutMs = 10_000;

  @ApiPropertyOptional({
    type: Number,
    description: 'Requests of the account under way at the same time in one worker process.',
    default: 64,
  })
  @IsInt()
  @Min(1)
  @Max(128)
  concurrency = 64;

  @ApiPropertyOptional({
    type: [RecipientLimitSettings],
    description:
      'Most messages one number may get through the account, as agreed with the vendor, the strictest first; what is beyond waits. ' +
      'Without it the vendor refuses what is too much, and it is tried again after a minute, then ten, then an hour.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(5)
  @ValidateNested({ each: true })
  @Type(() => RecipientLimitSettings)
  recipientLimits?: RecipientLimitSettings[];

  @ApiPropertyOptional({
    description:
      'Secret at the end of the address for receipts and replies that is entered in the vendor’s console: ' +
      '/v1/receipts/sms/<account>?token=<callbackToken>. The vendor does not sign what it pushes, so this token or callbackIps ' +
      'must be set to receive anything; of both, both must fit. Write-only.',
  })
  @IsOptional()
  @Matches(/^[A-Za-z0-9_-]{16,128}$/, {
    message: 'callbackToken must be 16 to 128 letters, digits, dashes or underscores',
  })
  callbackToken?: string;

  @ApiPropertyOptional({
    type: [String],
    description: 'Addresses and ranges (CIDR) the vendor pushes receipts and replies from.',
    example: ['203.0.113.0/24'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(200)
  @Validate(IsIpOrRange, { each: true })
  callbackIps?: string[];
}
