import { describe, expect, it } from '@jest/globals';
import { csvCell, csvLine } from './csv.js';

describe('csv', () => {
  it.each(['=1+1', '+8613800000000', '-2', '@SUM(A1)', '\tx', '\rx', '＝1', '|calc'])('makes %j text', (value) => {
    expect(csvCell(value).replace(/^"/, '')).toMatch(/^'/);
  });

  it('quotes what would end a cell or a line, and doubles quotes', () => {
    expect(csvLine(['a,b', 'say "hi"', 'two\nlines'])).toBe('"a,b","say ""hi""","two\nlines"\r\n');
  });

  it('keeps a formula quoted and harmless at once', () => {
    expect(csvCell('=HYPERLINK("http://x","y")')).toBe(`"'=HYPERLINK(""http://x"",""y"")"`);
  });

  it('writes numbers and times as they are, nothing for null', () => {
    expect(csvLine([-1, new Date(0), null, ''])).toBe('-1,1970-01-01T00:00:00.000Z,,\r\n');
  });
});
