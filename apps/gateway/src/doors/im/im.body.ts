import { HTTP_LIMITS } from '#platform';
import { BodyError, decodeText, parseJsonObject } from '../../http/raw-body.js';
import { ImFields, decodingError, type DecodingWords } from './im.fields.js';

/** The JSON object of a call; `null` is one without fields. @throws ImError, BodyError `too_large` */
export const readFields = (raw: unknown, words: DecodingWords): ImFields => fieldsOf(textOf(raw, words), words);

/** The JSON list of uids that is the whole body of a call. @throws ImError, BodyError `too_large` */
export const readUids = (raw: unknown, words: DecodingWords): string[] =>
  fieldsOf(`{"uids":${textOf(raw, words)}}`, words).ids('uids');

function textOf(raw: unknown, words: DecodingWords): string {
  try {
    const text = decodeText(raw);
    if (text.trim() === '') throw decodingError(words, 'EOF');
    return text;
  } catch (error) {
    throw inWords(error, words);
  }
}

function fieldsOf(text: string, words: DecodingWords): ImFields {
  if (text.trim() === 'null') return new ImFields({}, words);
  try {
    return new ImFields(parseJsonObject(text, HTTP_LIMITS.jsonDepth), words);
  } catch (error) {
    throw inWords(error, words);
  }
}

/** Whatever cannot be read is a matter of the decoder, but for what is too large to be looked at. */
const inWords = (error: unknown, words: DecodingWords): unknown =>
  error instanceof BodyError && error.reason !== 'too_large' ? decodingError(words, error.message) : error;
