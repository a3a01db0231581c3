import { describe, expect, it } from '@jest/globals';
import 'reflect-metadata';
import { Type, plainToInstance } from 'class-transformer';
import { IsArray, IsIn, IsNotEmpty, IsOptional, IsString, MaxLength, ValidateNested, validate } from 'class-validator';
import { fieldProblems } from './field-problems.js';

class Part {
  @IsString()
  @MaxLength(3)
  id!: string;
}

class Whole {
  @IsString()
  @IsNotEmpty()
  @MaxLength(3)
  name!: string;

  @IsOptional()
  @IsArray()
  @IsIn(['sms', 'mail'], { each: true })
  channels?: string[];

  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => Part)
  parts?: Part[];
}

async function problems(given: object): Promise<string[]> {
  const errors = await validate(plainToInstance(Whole, given), { whitelist: true, forbidNonWhitelisted: true });
  return fieldProblems(errors).map(({ field, detail }) => `${field}: ${detail}`);
}

describe('fieldProblems', () => {
  it('says that a field is missing, and nothing of its length', async () => {
    expect(await problems({})).toEqual(['name: name is missing']);
  });

  it('says of a wrong kind only that it is one', async () => {
    expect(await problems({ name: null })).toEqual(['name: name should not be empty', 'name: name must be a string']);
    expect(await problems({ name: 7, channels: 'sms' })).toEqual([
      'name: name must be a string',
      'channels: channels must be an array',
    ]);
  });

  it('says what is wrong with a value of the right kind', async () => {
    expect(await problems({ name: 'long' })).toEqual(['name: name must be shorter than or equal to 3 characters']);
    expect(await problems({ name: 'ok', channels: ['fax'] })).toEqual([
      'channels: each value in channels must be one of the following values: sms, mail',
    ]);
  });

  it('names the place of a part', async () => {
    expect(await problems({ name: 'ok', parts: [{ id: 'a' }, {}] })).toEqual(['parts[1].id: id is missing']);
  });

  it('names a field that does not exist', async () => {
    expect(await problems({ name: 'ok', nmae: 'x' })).toEqual(['nmae: nmae is not a field of this request']);
  });
});
