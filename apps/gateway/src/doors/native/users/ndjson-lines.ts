/** A line of a streamed body: its bytes, or null when it was longer than allowed. Numbers start at 1. */
export interface NdjsonLine {
  number: number;
  bytes: Buffer | null;
}

const LINE_FEED = 0x0a;

/** Cuts a stream into lines in constant memory: of a line that is too long only the number is kept. */
export async function* ndjsonLines(stream: AsyncIterable<Buffer>, maxLineBytes: number): AsyncGenerator<NdjsonLine> {
  let number = 1;
  let parts: Buffer[] = [];
  let size = 0;
  const take = (): NdjsonLine => {
    const line = { number, bytes: size > maxLineBytes ? null : Buffer.concat(parts) };
    number++;
    parts = [];
    size = 0;
    return line;
  };
  for await (const chunk of stream) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      add(chunk.subarray(from, end));
      yield take();
      from = end + 1;
    }
    add(chunk.subarray(from));
  }
  if (size > 0) yield take();

  function add(part: Buffer): void {
    size += part.length;
    if (size <= maxLineBytes) parts.push(part);
    else parts = [];
  }
}
