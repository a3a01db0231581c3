import { hasBadUnicode } from '#content';
import { decodeBase64, encodedBytes } from './im.payload.js';
import { ImError } from './im.error.js';

const MAX_UINT8 = 255;
const MAX_UINT32 = 4_294_967_295;
/** Of a uid or the id of a channel, in characters: two of them make the key of a person channel. */
const MAX_ID = 256;

/** How a call says that its body cannot be read: in the decoder's words, or in its own with or without them. */
export type DecodingWords = 'decoder' | 'own' | 'both';

export const decodingError = (words: DecodingWords, reason: string): ImError =>
  new ImError({ decoder: reason, own: '数据格式有误！', both: `数据格式有误！: ${reason}` }[words], true);

/** Fields of a JSON object, each absent or null one being its zero. @throws ImError what is given is of another kind */
export class ImFields {
  constructor(
    private readonly given: Readonly<Record<string, unknown>>,
    private readonly words: DecodingWords,
  ) {}

  text(name: string): string {
    const value = this.given[name] ?? '';
    if (typeof value !== 'string') throw this.wrong(name, 'string');
    if (hasBadUnicode(value)) throw new ImError(`${name}含有非法字符！`);
    return value;
  }

  /** Of somebody or something. */
  id(name: string): string {
    return checkedId(name, this.text(name));
  }

  ids(name: string): string[] {
    const ids = this.texts(name);
    for (const id of ids) {
      const problem = idProblem(name, id);
      if (problem !== null) throw new ImError(problem);
    }
    return ids;
  }

  /** As they were given, whatever they hold. */
  texts(name: string): string[] {
    const value = this.given[name] ?? [];
    if (!Array.isArray(value)) throw this.wrong(name, '[]string');
    for (const one of value) if (typeof one !== 'string') throw this.wrong(name, 'string', one);
    return value as string[];
  }

  integers(name: string): number[] {
    const value = this.given[name] ?? [];
    if (!Array.isArray(value)) throw this.wrong(name, '[]uint32');
    for (const one of value) if (!isWithin(one, 0, MAX_UINT32)) throw this.wrong(name, 'uint32', one);
    return value as number[];
  }

  uint8(name: string): number {
    return this.integer(name, 0, MAX_UINT8, 'uint8');
  }

  uint32(name: string): number {
    return this.integer(name, 0, MAX_UINT32, 'uint32');
  }

  int(name: string): number {
    return this.integer(name, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'int');
  }

  /** An integer that means yes where it is 1. */
  bit(name: string): boolean {
    return this.int(name) === 1;
  }

  object(name: string): ImFields {
    const value = this.given[name] ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) throw this.wrong(name, 'object');
    return new ImFields(value as Record<string, unknown>, this.words);
  }

  objects(name: string): ImFields[] {
    const value = this.given[name] ?? [];
    if (!Array.isArray(value)) throw this.wrong(name, '[]object');
    return value.map((one: unknown) => {
      if (typeof one !== 'object' || one === null || Array.isArray(one)) throw this.wrong(name, 'object', one);
      return new ImFields(one as Record<string, unknown>, this.words);
    });
  }

  /** Base64, or a list of bytes; as base64. Empty: nothing. */
  payload(name: string): string {
    const value = this.given[name] ?? '';
    if (Array.isArray(value)) {
      for (const byte of value) if (!isWithin(byte, 0, MAX_UINT8)) throw this.wrong(name, 'uint8', byte);
      return encodedBytes(value as number[]);
    }
    if (typeof value !== 'string') throw this.wrong(name, '[]uint8');
    const payload = decodeBase64(value);
    if (payload === null) throw decodingError(this.words, 'illegal base64 data');
    return payload;
  }

  private integer(name: string, min: number, max: number, kind: string): number {
    const value = this.given[name] ?? 0;
    if (!isWithin(value, min, max)) throw this.wrong(name, kind);
    return value;
  }

  /** @param found what stands where a `kind` should: the field, or what is wrong within it */
  private wrong(name: string, kind: string, found: unknown = this.given[name]): ImError {
    const shown = describe(found, kind);
    return decodingError(this.words, `json: cannot unmarshal ${shown} into field ${name} of type ${kind}`);
  }
}

/** In the words of the decoder that callers know: a number is shown where a number was wanted and this one does not fit. */
function describe(value: unknown, kind: string): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'number' && /^u?int\d*$/.test(kind) ? `number ${value}` : typeof value;
}

const isWithin = (value: unknown, min: number, max: number): value is number =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;

const tooLong = (name: string): string => `${name}过长，最多${MAX_ID}个字符！`;

/** @throws ImError too long */
export function checkedId(name: string, id: string): string {
  if (id.length > MAX_ID) throw new ImError(tooLong(name));
  return id;
}

/** Why nothing can be kept under this id; null: it can. */
export function idProblem(name: string, id: string): string | null {
  if (id.length > MAX_ID) return tooLong(name);
  return hasBadUnicode(id) ? `${name}含有非法字符！` : null;
}

/** Blank counts as absent. */
export const isBlank = (text: string): boolean => text.trim() === '';
