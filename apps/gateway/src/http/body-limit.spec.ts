import { Body, Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BodyLimit } from './body-limit.decorator.js';
import { createFastifyAdapter } from './fastify-adapter.js';
import { RawBody } from './raw-body.js';

const MEBIBYTE = 1024 * 1024;

/** What stands in memory when the guard of a call would be asked. */
const kept = (body: unknown): object =>
  body instanceof RawBody ? { bytes: body.bytes.length, refused: body.refusal?.code } : {};

@Controller('one')
class CallsController {
  @Post('ordinary')
  ordinary(@Body() body: unknown): object {
    return kept(body);
  }

  @Post('large')
  @BodyLimit(10 * MEBIBYTE)
  large(@Body() body: unknown): object {
    return kept(body);
  }
}

@Controller('all')
@BodyLimit(2 * MEBIBYTE)
class DoorController {
  @Post('a')
  a(@Body() body: unknown): object {
    return kept(body);
  }

  @Post('b')
  b(@Body() body: unknown): object {
    return kept(body);
  }
}

@Module({ controllers: [CallsController, DoorController] })
class CallsModule {}

describe('the body of a call', () => {
  let app: NestFastifyApplication;
  let url: string;
  beforeAll(async () => {
    app = await NestFactory.create<NestFastifyApplication>(CallsModule, createFastifyAdapter(), {
      logger: false,
      bodyParser: false,
    });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterAll(() => app.close());

  it.each([
    ['one/ordinary', MEBIBYTE],
    ['one/large', 10 * MEBIBYTE],
    ['all/a', 2 * MEBIBYTE],
    ['all/b', 2 * MEBIBYTE],
  ])('is kept at %s up to %i bytes, and nothing of a longer one', async (path, limit) => {
    const post = async (bytes: number): Promise<unknown> =>
      (await fetch(`${url}/${path}`, { method: 'POST', body: Buffer.alloc(bytes, 'x') })).json();
    expect(await post(limit)).toEqual({ bytes: limit });
    expect(await post(limit + 1)).toEqual({ bytes: 0, refused: 'body_too_large' });
  });
});
