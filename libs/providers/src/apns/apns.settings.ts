import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Matches, Max, MaxLength, Min, Validate } from 'class-validator';
import { IsPrivateKey } from '../push/private-key.js';

const TEN_CHARACTERS = /^[A-Z0-9]{10}$/;
const HTTPS_URL = /^https:\/\/[^\s?#]{1,500}$/;

export const APNS_ENVIRONMENTS = ['by-device', 'production', 'sandbox'] as const;
export type ApnsEnvironment = (typeof APNS_ENVIRONMENTS)[number];

/** Settings of an app at Apple’s push service, with a key (.p8) of its team. */
export class ApnsSettings {
  @ApiProperty({
    description: 'Id of the key: developer account → Certificates, Identifiers & Profiles → Keys.',
    example: 'ABC123DEFG',
  })
  @Matches(TEN_CHARACTERS, { message: 'keyId must be the 10 characters of the key’s id' })
  keyId!: string;

  @ApiProperty({ description: 'Id of the team: developer account → Membership.', example: 'DEF123GHIJ' })
  @Matches(TEN_CHARACTERS, { message: 'teamId must be the 10 characters of the team’s id' })
  teamId!: string;

  @ApiProperty({ description: 'The key: the text of the file AuthKey_….p8, with its line breaks. Write-only.' })
  @Validate(IsPrivateKey, ['ec'])
  privateKey!: string;

  @ApiProperty({ description: 'Bundle id of the app.', example: 'com.example.app' })
  @Matches(/^[A-Za-z0-9.-]{1,155}$/, { message: 'topic must be the bundle id of the app' })
  topic!: string;

  @ApiPropertyOptional({
    description:
      'Where tokens are valid. by-device: those of test devices (`test: true`) at Apple’s sandbox, where builds from Xcode get theirs; all others in production, as builds from TestFlight and the App Store.',
    enum: APNS_ENVIRONMENTS,
    default: 'by-device',
  })
  @IsIn(APNS_ENVIRONMENTS)
  environment: ApnsEnvironment = 'by-device';

  @ApiPropertyOptional({
    type: String,
    description: 'The production service; another address is that of an egress proxy, which must speak HTTP/2.',
    default: 'https://api.push.apple.com',
  })
  @Matches(HTTPS_URL, { message: 'baseUrl must be an https URL' })
  baseUrl = 'https://api.push.apple.com';

  @ApiPropertyOptional({
    type: String,
    description: 'The sandbox, or its egress proxy.',
    default: 'https://api.sandbox.push.apple.com',
  })
  @Matches(HTTPS_URL, { message: 'sandboxUrl must be an https URL' })
  sandboxUrl = 'https://api.sandbox.push.apple.com';

  @ApiPropertyOptional({
    description: 'Certificate authority to trust besides the public ones, PEM: that of an egress proxy.',
  })
  @IsOptional()
  @Matches(/^-----BEGIN CERTIFICATE-----/, { message: 'ca must be a certificate in PEM form' })
  @MaxLength(65_536)
  ca?: string;

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
    description: 'Calls of the account under way at the same time in one worker process, all on one connection.',
    default: 200,
  })
  @IsInt()
  @Min(1)
  @Max(1000)
  concurrency = 200;
}
