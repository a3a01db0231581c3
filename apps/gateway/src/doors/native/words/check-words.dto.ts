import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';

const MAX_TEXT_LENGTH = 100_000;

export class CheckWordsDto {
  @ApiProperty({ maxLength: MAX_TEXT_LENGTH, example: '今晚去赌 博吗' })
  @IsString()
  @MaxLength(MAX_TEXT_LENGTH)
  text!: string;
}

export interface WordHit {
  /** As it stands in the list. */
  word: string;
  /** Place in the text as given, in UTF-16 units; `to` is the first one after it. */
  from: number;
  to: number;
}
