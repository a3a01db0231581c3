import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { BodyReader } from './body-reader.js';
import type { RawBody } from './raw-body.js';

const MAX_IN_FLIGHT = 100;

/** A body on its way. */
class Coming {
  readonly stream = new PassThrough();
  readonly body: Promise<RawBody | undefined>;

  constructor(reader: BodyReader) {
    this.body = new Promise((resolve, reject) => {
      reader.read(this.stream as unknown as IncomingMessage, 80, (error, body) =>
        error ? reject(error) : resolve(body),
      );
    });
    this.body.catch(() => undefined);
  }

  async brings(bytes: number): Promise<this> {
    const taken = once(this.stream, 'data');
    this.stream.write(Buffer.alloc(bytes, 'x'));
    await taken;
    return this;
  }

  async ends(): Promise<object> {
    this.stream.end();
    const body = await this.body;
    return { bytes: body?.bytes.length, refused: body?.refusal?.code };
  }
}

describe('bodies that come in at the same time', () => {
  it('are told to try again where there is no room for them, and have room afterwards', async () => {
    const reader = new BodyReader(MAX_IN_FLIGHT);
    const first = await new Coming(reader).brings(60);
    const second = await (await new Coming(reader).brings(30)).brings(30);
    const small = await new Coming(reader).brings(20);
    expect(await second.ends()).toEqual({ bytes: 0, refused: 'bodies_in_flight' });
    expect([await small.ends(), await first.ends()]).toEqual([{ bytes: 20 }, { bytes: 60 }]);
    expect(await (await new Coming(reader).brings(80)).ends()).toEqual({ bytes: 80 });
  });

  it('need no room any more once they are too large, or their caller has gone', async () => {
    const reader = new BodyReader(MAX_IN_FLIGHT);
    const tooLarge = await (await new Coming(reader).brings(80)).brings(1);
    const gone = await new Coming(reader).brings(80);
    gone.stream.destroy(new Error('hung up'));
    await expect(gone.body).rejects.toThrow('hung up');
    expect(await (await new Coming(reader).brings(80)).ends()).toEqual({ bytes: 80 });
    expect(await tooLarge.ends()).toEqual({ bytes: 0, refused: 'body_too_large' });
  });
});
