/** GSM 03.38 default alphabet; the place of a character is its code. 0x1B leads to the extension table. */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ' +
  ' !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§' +
  '¿abcdefghijklmnopqrstuvwxyzäöñüà';
const ESCAPE = 0x1b;
const EXTENSION: ReadonlyMap<number, string> = new Map([
  [0x0a, '\f'],
  [0x14, '^'],
  [0x28, '{'],
  [0x29, '}'],
  [0x2f, '\\'],
  [0x3c, '['],
  [0x3d, '~'],
  [0x3e, ']'],
  [0x40, '|'],
  [0x65, '€'],
]);

const NOT_IN_IT = 0xffff;
const ESCAPED = 0x100;
/** By UTF-16 unit: the code, plus `ESCAPED` where the escape goes before it. No character of the alphabet lies behind the euro sign. */
const CODES = new Uint16Array('€'.charCodeAt(0) + 1).fill(NOT_IN_IT);
for (const [code, character] of [...BASIC].entries()) if (code !== ESCAPE) CODES[character.charCodeAt(0)] = code;
for (const [code, character] of EXTENSION) CODES[character.charCodeAt(0)] = ESCAPED | code;

/** One octet a septet, as SMPP carries it; null where a character is not of the alphabet. */
export function encodeGsm7(text: string): Buffer | null {
  const octets = Buffer.allocUnsafe(2 * text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = CODES[text.charCodeAt(i)] ?? NOT_IN_IT;
    if (code === NOT_IN_IT) return null;
    if (code >= ESCAPED) octets[length++] = ESCAPE;
    octets[length++] = code & 0x7f;
  }
  return octets.subarray(0, length);
}

/** An escape to nowhere shows as a space (GSM 03.38 §6.2.1.1); bits above the septet are ignored. */
export function decodeGsm7(octets: Uint8Array): string {
  let text = '';
  for (let at = 0; at < octets.length; at++) {
    const code = (octets[at] ?? 0) & 0x7f;
    text += code === ESCAPE ? (EXTENSION.get((octets[++at] ?? 0) & 0x7f) ?? ' ') : BASIC[code];
  }
  return text;
}

/** Whether the octets may be cut before `at`: not between an escape and its character. */
export const isGsm7Boundary = (octets: Uint8Array, at: number): boolean => octets[at - 1] !== ESCAPE;
