import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { isToDevice } from '#contracts';
import { ExportRepository, type ExportRange, type ExportRow } from '#entities';
import { BYTE_ORDER_MARK, csvLine, type CsvValue } from './csv.js';

const isDevice = ({ channel, seq }: ExportRow): boolean => channel === 'push' && isToDevice(seq);

/** Columns in their order; addresses of the directory are for administrators. */
const COLUMNS: readonly (readonly [string, (row: ExportRow, showsDirectory: boolean) => CsvValue])[] = [
  ['message_id', (row) => row.message_id],
  ['seq', (row) => row.seq],
  ['app', (row) => row.client_app_id],
  ['door', (row) => row.door],
  ['accepted_at', (row) => row.accepted_at],
  ['recipient', (row) => row.recipient],
  ['channel', (row) => row.channel],
  ['address', (row, showsDirectory) => (showsDirectory || row.recipient === '' || isDevice(row) ? row.address : null)],
  ['status', (row) => row.status],
  ['provider', (row) => row.provider],
  ['attempts', (row) => row.attempts],
  ['error_code', (row) => row.error_code],
  ['error_text', (row) => row.error_text],
  ['sent_at', (row) => row.sent_at],
  ['delivered_at', (row) => row.delivered_at],
  ['read_at', (row) => row.read_at],
];

/** Deliveries as CSV, in constant memory: the reader's pace decides when the next rows are read. */
@Injectable()
export class ExportDeliveriesService {
  constructor(private readonly exports: ExportRepository) {}

  csv(range: ExportRange, showsDirectory: boolean): Readable {
    return Readable.from(this.lines(range, showsDirectory), { objectMode: false });
  }

  private async *lines(range: ExportRange, showsDirectory: boolean): AsyncGenerator<string> {
    yield BYTE_ORDER_MARK + csvLine(COLUMNS.map(([name]) => name));
    for await (const rows of this.exports.deliveries(range)) {
      yield rows.map((row) => csvLine(COLUMNS.map(([, valueOf]) => valueOf(row, showsDirectory)))).join('');
    }
  }
}
