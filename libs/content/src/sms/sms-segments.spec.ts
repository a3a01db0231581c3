import { describe, expect, it } from '@jest/globals';
import { smsSegments } from './sms-segments.js';

const times = (character: string, count: number): string => character.repeat(count);

describe('segments of an SMS', () => {
  it.each([
    ['', 1],
    ['a', 1],
    [times('a', 160), 1],
    [times('a', 161), 2],
    [times('a', 306), 2],
    [times('a', 307), 3],
    [times('@', 160), 1],
    ['é £ ¥ Δ à ñ ¿ ß', 1],
  ])('of GSM characters: %#', (text, segments) => {
    expect(smsSegments(text)).toEqual({ encoding: 'gsm7', segments });
  });

  it.each([
    ['中', 1],
    [times('中', 70), 1],
    [times('中', 71), 2],
    [times('中', 134), 2],
    [times('中', 135), 3],
    [`${times('a', 70)}中`, 2],
    ['`', 1],
    ['ç', 1],
    ['\t', 1],
  ])('of other characters: %#', (text, segments) => {
    expect(smsSegments(text)).toEqual({ encoding: 'ucs2', segments });
  });

  it.each(['^', '{', '}', '\\', '[', '~', ']', '|', '€', '\f'])('counts %j as two', (character) => {
    expect(smsSegments(times(character, 80))).toEqual({ encoding: 'gsm7', segments: 1 });
    expect(smsSegments(times(character, 81)).segments).toBe(2);
  });

  it('tears no character of two septets or two units apart', () => {
    // 76 pairs leave the last septet of the first part empty, so what would fill two parts exactly takes three.
    expect(smsSegments(times('€', 152)).segments).toBe(2);
    expect(smsSegments(times('€', 153)).segments).toBe(3);
    expect(smsSegments(times('😀', 35)).segments).toBe(1);
    expect(smsSegments(times('😀', 66)).segments).toBe(2);
    expect(smsSegments(times('😀', 67)).segments).toBe(3);
  });

  it('counts the signature with its brackets', () => {
    expect(smsSegments(times('中', 66), '阿里')).toEqual({ encoding: 'ucs2', segments: 1 });
    expect(smsSegments(times('中', 67), '阿里').segments).toBe(2);
    expect(smsSegments('plain', 'sign')).toEqual({ encoding: 'ucs2', segments: 1 });
  });

  it('takes any text, broken ones too', () => {
    expect(smsSegments('\ud800')).toEqual({ encoding: 'ucs2', segments: 1 });
    expect(smsSegments(times('中', 262_144)).segments).toBe(Math.ceil(262_144 / 67));
  });
});
