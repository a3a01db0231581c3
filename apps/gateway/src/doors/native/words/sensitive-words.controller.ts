import { Body, Delete, Get, Post } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsString, MaxLength } from 'class-validator';
import { sensitiveWordProblem } from '#content';
import { SensitiveWordRepository, type WordLists } from '#entities';
import { SensitiveWords } from '../../../catalog/sensitive-words.service.js';
import { AdminGuard } from '../auth/admin.guard.js';
import { CurrentCaller, auditBy, type Caller } from '../auth/caller.js';
import { MayBeAbsent } from '../http/may-be-absent.decorator.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { InvalidRequestError } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { CheckWordsDto, type WordHit } from './check-words.dto.js';

const MAX_WORDS = 10_000;
const MAX_WORD_LENGTH = 100;
/** Of one check. */
const MAX_HITS = 1000;

export class AddWordsDto {
  @ApiProperty({ example: ['赌博'] })
  @IsArray()
  @ArrayMaxSize(MAX_WORDS)
  @IsString({ each: true })
  @MaxLength(MAX_WORD_LENGTH, { each: true })
  words!: string[];

  @ApiPropertyOptional({ description: 'Let through although they hold one of the words.', example: ['反赌博'] })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MAX_WORDS)
  @IsString({ each: true })
  @MaxLength(MAX_WORD_LENGTH, { each: true })
  allowed?: string[];
}

export class RemoveWordsDto {
  @ApiProperty({ description: 'From whichever list.', example: ['赌博'] })
  @IsArray()
  @ArrayMaxSize(MAX_WORDS)
  @IsString({ each: true })
  @MaxLength(MAX_WORD_LENGTH, { each: true })
  words!: string[];
}

const EXAMPLE: WordLists = { words: ['赌博'], allowed: ['反赌博'] };

const problemsOf = (field: string, words: readonly string[]): { field: string; detail: string }[] =>
  words.flatMap((word, i) => {
    const detail = sensitiveWordProblem(word);
    return detail === null ? [] : [{ field: `${field}[${i}]`, detail }];
  });

@NativeController({ path: 'v1/sensitive-words', guard: AdminGuard, security: ['admin'] })
export class SensitiveWordsController {
  constructor(
    private readonly words: SensitiveWordRepository,
    private readonly current: SensitiveWords,
  ) {}

  @Get()
  @NativeOperation({ summary: 'The sensitive words and the allow-list', example: EXAMPLE })
  lists(): Promise<WordLists> {
    return this.words.lists();
  }

  @Post()
  @NativeOperation({ summary: 'Add words', description: 'Works within a second on every replica.', example: EXAMPLE })
  async add(@Body() body: AddWordsDto, @CurrentCaller() caller: Caller): Promise<WordLists> {
    const { words, allowed = [] } = body;
    const problems = [...problemsOf('words', words), ...problemsOf('allowed', allowed)];
    if (problems.length > 0) throw new InvalidRequestError(problems);
    const details = { words: words.length, allowed: allowed.length };
    await this.words.add({ words, allowed }, { ...auditBy(caller), action: 'sensitive-words.add', details });
    return this.words.lists();
  }

  @Post('check')
  @NativeOperation({
    summary: 'See which words a text holds, and where',
    description: `Reads the text as the check of a message does: whatever its width, case, spaces, punctuation and zero-width characters, and with the allow-list. \`from\` and \`to\` (exclusive) are places in the text as given, in UTF-16 units. Answers the first ${MAX_HITS} hits, overlapping ones, too.`,
    example: { hits: [{ word: '赌博', from: 3, to: 6 }] },
  })
  async check(@Body() { text }: CheckWordsDto): Promise<{ hits: WordHit[] }> {
    const matches = await this.current.matches(text, MAX_HITS);
    return { hits: matches.map(({ word, start, end }) => ({ word, from: start, to: end })) };
  }

  @Delete()
  @NativeOperation({ summary: 'Remove words', example: EXAMPLE })
  async remove(@Body() { words }: RemoveWordsDto, @CurrentCaller() caller: Caller): Promise<WordLists> {
    const details = { words: words.length };
    await this.words.remove(words, { ...auditBy(caller), action: 'sensitive-words.remove', details });
    return this.words.lists();
  }
}
