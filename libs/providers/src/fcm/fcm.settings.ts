import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsEmail, IsInt, Matches, Max, Min, Validate } from 'class-validator';
import { IsPrivateKey } from '../push/private-key.js';

const HTTP_URL = /^https?:\/\/[^\s?#]{1,500}$/;

/** Settings of a Firebase project, from the JSON file of a service account (Firebase console → project settings → service accounts). */
export class FcmSettings {
  @ApiProperty({ description: '`project_id` of the file.', example: 'my-app-1234' })
  @Matches(/^[a-z0-9.:-]{1,64}$/, { message: 'projectId must be the project_id of the service account file' })
  projectId!: string;

  @ApiProperty({
    description: '`client_email` of the file.',
    example: 'firebase-adminsdk-1@my-app-1234.iam.gserviceaccount.com',
  })
  @IsEmail({}, { message: 'clientEmail must be the client_email of the service account file' })
  clientEmail!: string;

  @ApiProperty({ description: '`private_key` of the file, with its line breaks. Write-only.' })
  @Validate(IsPrivateKey, ['rsa'])
  privateKey!: string;

  @ApiPropertyOptional({
    type: String,
    description: 'Where messages are sent; another address is that of an egress proxy.',
    default: 'https://fcm.googleapis.com',
  })
  @Matches(HTTP_URL, { message: 'baseUrl must be an http or https URL' })
  baseUrl = 'https://fcm.googleapis.com';

  @ApiPropertyOptional({
    type: String,
    description:
      '`token_uri` of the file: where access tokens are asked for; another address is that of an egress proxy.',
    default: 'https://oauth2.googleapis.com/token',
  })
  @Matches(HTTP_URL, { message: 'tokenUrl must be an http or https URL' })
  tokenUrl = 'https://oauth2.googleapis.com/token';

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
    description: 'Calls of the account under way at the same time in one worker process; a call is one device.',
    default: 64,
  })
  @IsInt()
  @Min(1)
  @Max(128)
  concurrency = 64;
}
