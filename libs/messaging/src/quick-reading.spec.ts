import { plainToInstance, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
  validateSync,
} from 'class-validator';
import { describe, expect, it } from '@jest/globals';
import { readPayload } from './contract.js';
import { quickReadingOf } from './quick-reading.js';

class Base {
  @IsUUID()
  id!: string;
}

class Sample extends Base {
  @IsArray()
  @ArrayMaxSize(3)
  @IsInt({ each: true })
  @Min(0, { each: true })
  @Max(9, { each: true })
  places!: number[];

  @IsOptional()
  @IsIn(['black', 'white'])
  list?: string;

  @IsString()
  @MaxLength(5)
  text!: string;

  @IsBoolean()
  isLarge = false;
}

const GOOD = {
  id: '01a22b1e-80fc-7a0f-9358-60a417799b0a',
  places: [1, 2],
  list: 'black',
  text: 'five!',
  isLarge: true,
};
const { list: _, ...WITHOUT_LIST } = GOOD;
const { isLarge: __, ...WITHOUT_DEFAULT } = GOOD;
const { text: ___, ...WITHOUT_TEXT } = GOOD;

const SAMPLES: object[] = [
  GOOD,
  WITHOUT_LIST,
  WITHOUT_DEFAULT,
  WITHOUT_TEXT,
  { ...GOOD, places: [] },
  { ...GOOD, list: null },
  ...[{ places: [1, 2, 3, 4] }, { places: [10] }, { places: [-1] }, { places: [1.5] }, { places: ['1'] }].map(wrong),
  ...[{ places: 1 }, { places: null }, { places: {} }, { places: [null] }, { list: 'red' }, { list: '' }].map(wrong),
  ...[{ text: 'longer' }, { text: 5 }, { text: null }, { isLarge: 'true' }, { isLarge: null }].map(wrong),
  ...[{ id: 'x' }, { id: undefined }].map(wrong),
];

function wrong(fields: object): object {
  return { ...GOOD, ...fields };
}

/** As class-validator judges by itself. */
function thoroughly(value: object): object | null {
  const payload = plainToInstance(Sample, value);
  return validateSync(payload, { whitelist: true }).length === 0 ? payload : null;
}

describe('quickReadingOf', () => {
  it.each(SAMPLES)('judges as class-validator does: %j', (sample) => {
    const value = JSON.parse(JSON.stringify(sample)) as Record<string, unknown>;
    const quick = quickReadingOf(Sample)?.(value);
    expect(quick).toEqual(thoroughly(value));
    if (quick) expect(quick).toBeInstanceOf(Sample);
  });

  it('leaves payloads with more fields than the contract has to the thorough way', () => {
    expect(quickReadingOf(Sample)?.({ ...GOOD, more: 'dropped' })).toBeNull();
    expect(readPayload(Buffer.from(JSON.stringify({ ...GOOD, more: 'dropped' })), Sample)).toEqual({
      ok: true,
      payload: Object.assign(new Sample(), GOOD),
    });
  });

  it('has no reading of contracts with other rules', () => {
    class Objects {
      @IsObject()
      any!: object;
    }
    class Nested {
      @ValidateNested()
      @Type(() => Base)
      base!: Base;
    }
    class Conditional {
      @ValidateIf((fields: Conditional) => fields.kind === 'x')
      @IsString()
      kind!: string;
    }
    expect([Nested, Conditional, Objects].map(quickReadingOf)).toEqual([null, null, null]);
  });

  it('leaves the reasons of a refusal to class-validator', () => {
    const reading = readPayload(Buffer.from(JSON.stringify(wrong({ places: ['x'], text: 5 }))), Sample);
    expect(reading).toEqual({ ok: false, reason: expect.stringMatching(/^schema: .*places: isInt.*text: isString/) });
  });
});
