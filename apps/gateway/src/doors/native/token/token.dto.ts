import { ApiProperty } from '@nestjs/swagger';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';

export class TokenRequestDto {
  @ApiProperty({ example: 'billing' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(256)
  appId!: string;

  @ApiProperty({ description: 'The secret of the client app.', example: '9f86d081884c7d659a2feaa0c55ad015' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(256)
  appPassword!: string;
}
