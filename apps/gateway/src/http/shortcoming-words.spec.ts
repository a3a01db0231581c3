import { describe, expect, it } from '@jest/globals';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { compileCheck } from './compiled-check.js';
import { missingOrMalformed } from './shortcoming-words.js';

class Inner {
  @IsOptional()
  @JSONSchema({ enum: ['true', 'false', true, false, ''] })
  mode?: unknown;

  @IsOptional()
  @JSONSchema({ type: ['string', 'object', 'array'] })
  custom?: unknown;
}

class Body {
  @IsIn(['unicast', 'groupcast'])
  type!: string;

  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(3)
  name?: string;

  @IsOptional()
  @MinLength(2)
  long?: string;

  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(2)
  @IsString({ each: true })
  list?: string[];

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(9)
  size?: number;

  @IsOptional()
  @ValidateNested()
  inner?: Inner;
}

const check = compileCheck(Body);

describe('what a door says in Chinese of a field', () => {
  it.each<[string, string, object]>([
    ['type', '必填', { type: undefined }],
    ['type', '可选值：unicast、groupcast', { type: 'x' }],
    ['name', '应为 字符串', { name: 7 }],
    ['name', '不能为空', { name: '' }],
    ['name', '最多 3 个字符', { name: 'four' }],
    ['long', '至少 2 个字符', { long: 'x' }],
    ['list', '应为 数组', { list: 'x' }],
    ['list', '不能为空', { list: [] }],
    ['list', '最多 2 项', { list: ['a', 'b', 'c'] }],
    ['list.1', '应为 字符串', { list: ['a', 7] }],
    ['size', '应为 整数', { size: 1.5 }],
    ['size', '不能小于 1', { size: 0 }],
    ['size', '不能大于 9', { size: 10 }],
    ['inner', '应为 JSON 对象', { inner: 'x' }],
    ['inner.mode', '可选值：true、false', { inner: { mode: 'x' } }],
    ['inner.custom', '应为 字符串 或 JSON 对象 或 数组', { inner: { custom: 7 } }],
  ])('%s: %s', (field, expected, wrong) => {
    const shortcoming = check(JSON.parse(JSON.stringify({ type: 'unicast', ...wrong })));
    expect(shortcoming?.field).toBe(field);
    expect(shortcoming && missingOrMalformed(shortcoming)).toBe(`缺失或格式不正确（${expected}）`);
  });

  it('points to the documentation where a rule has no words', () => {
    expect(missingOrMalformed({ field: 'x', keyword: 'pattern', params: {} })).toBe(
      '缺失或格式不正确（请查阅接口文档）',
    );
  });

  it('says nothing of a body that is right', () => {
    expect(
      check({ type: 'groupcast', name: 'abc', list: ['a'], size: 9, inner: { mode: true, custom: {} } }),
    ).toBeNull();
  });
});
