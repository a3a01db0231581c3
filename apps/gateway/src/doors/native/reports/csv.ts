/** A spreadsheet takes such a cell for a formula; the full-width forms count too. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠|]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** Lets spreadsheets see that it is UTF-8. */
export const BYTE_ORDER_MARK = '\ufeff';

export type CsvValue = string | number | Date | null;

/** A cell that is read as text and never as a formula: what could be one begins with an apostrophe. */
export function csvCell(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  if (value instanceof Date) return value.toISOString();
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One line of RFC 4180. */
export const csvLine = (values: readonly CsvValue[]): string => `${values.map(csvCell).join(',')}\r\n`;
