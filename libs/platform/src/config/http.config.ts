import { IsArray, IsInt, IsNotEmpty, IsOptional, Max, Min } from 'class-validator';
import { IsBaseUrl, IsIpRange } from './rules.js';
import { Setting } from './setting.js';

/** Limits of the public listener that are fixed by contract, not settings. */
export const HTTP_LIMITS = {
  /** Body of an ordinary call, in bytes. */
  bodyBytes: 1024 * 1024,
  /** Body of a call that carries recipients, in bytes. */
  recipientBodyBytes: 10 * 1024 * 1024,
  /** Bodies that are coming in at the same time, in bytes: more are told to try again. */
  bodyBytesInFlight: 128 * 1024 * 1024,
  /** One line of a streamed import, in bytes. */
  importLineBytes: 64 * 1024,
  /** Nesting of JSON. */
  jsonDepth: 32,
  /** All headers of a request, in bytes. */
  headerBytes: 16 * 1024,
  /** Time for a whole request to arrive, in ms: a client that drips is cut. */
  requestTimeoutMs: 60_000,
  /** Time a connection may be idle before its first request, in ms. */
  connectionTimeoutMs: 10_000,
} as const;

/** The public listener of the gateway. */
export class HttpConfig {
  @Setting('TCP port of the public HTTP listener.')
  @IsInt()
  @Min(0)
  @Max(65_535)
  PORT = 3000;

  @Setting('Address the public HTTP listener binds to; 0.0.0.0 for all.')
  @IsNotEmpty()
  HOST = '127.0.0.1';

  @Setting('Base of all links to our own pages; without it the listening address.', {
    example: 'https://message.example.com',
  })
  @IsOptional()
  @IsBaseUrl()
  PUBLIC_URL?: string;

  @Setting('Comma list of IP addresses and CIDR ranges of reverse proxies whose X-Forwarded-For is believed.', {
    example: '10.0.0.0/8,fd00::/8',
  })
  @IsArray()
  @IsIpRange({ each: true })
  TRUSTED_PROXIES: string[] = [];
}
