import { describe, expect, it } from '@jest/globals';
import { ImFields } from './im.fields.js';

const TEXT = 'json: cannot unmarshal ';

describe('what is of another kind is named as the decoder of the published interface names it', () => {
  it.each<[unknown, (fields: ImFields) => unknown, string]>([
    [[1], (fields) => fields.texts('f'), 'number into field f of type string'],
    [['a', ['b']], (fields) => fields.ids('f'), 'array into field f of type string'],
    [{}, (fields) => fields.ids('f'), 'object into field f of type []string'],
    [[300], (fields) => fields.payload('f'), 'number 300 into field f of type uint8'],
    [[1, 'a'], (fields) => fields.payload('f'), 'string into field f of type uint8'],
    [1, (fields) => fields.payload('f'), 'number into field f of type []uint8'],
    [[-1], (fields) => fields.integers('f'), 'number -1 into field f of type uint32'],
    [true, (fields) => fields.bit('f'), 'bool into field f of type int'],
    [256, (fields) => fields.uint8('f'), 'number 256 into field f of type uint8'],
    ['2', (fields) => fields.uint8('f'), 'string into field f of type uint8'],
    [1.5, (fields) => fields.text('f'), 'number into field f of type string'],
    [[null], (fields) => fields.objects('f'), 'null into field f of type object'],
  ])('%j', (f, read, words) => {
    expect(() => read(new ImFields({ f }, 'decoder'))).toThrow(TEXT + words);
  });
});
