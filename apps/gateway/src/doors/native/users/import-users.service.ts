import { Injectable } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { DirectoryUserRepository, type DirectoryUser } from '#entities';
import { HTTP_LIMITS } from '#platform';
import { auditBy, type Caller } from '../auth/caller.js';
import { findBadText } from '../http/bad-text.js';
import { problemsOf } from '../http/field-problems.js';
import { ndjsonLines, type NdjsonLine } from './ndjson-lines.js';
import { PutUserDto } from './user.dto.js';
import { toDirectoryUser } from './user.mapper.js';

/** Users one transaction stores. */
const BATCH = 1000;
/** Failed lines that are listed; all of them are counted. */
const MAX_LISTED = 1000;

export interface ImportResult {
  imported: number;
  failedCount: number;
  failed: { line: number; detail: string }[];
}

interface Candidate {
  line: number;
  user: DirectoryUser;
}

/** Lists and objects a user consists of, with room to spare; walks over the value may recurse this deep. */
const MAX_NESTED = 200;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads users line by line and stores them in batches. A bad line fails alone; what was stored stays stored. */
@Injectable()
export class ImportUsersService {
  constructor(private readonly users: DirectoryUserRepository) {}

  async run(body: AsyncIterable<Buffer>, caller: Caller): Promise<ImportResult> {
    const result: ImportResult = { imported: 0, failedCount: 0, failed: [] };
    const fail = (line: number, detail: string): void => {
      result.failedCount++;
      if (result.failed.length < MAX_LISTED) result.failed.push({ line, detail });
    };
    let batch: Candidate[] = [];
    for await (const line of ndjsonLines(body, HTTP_LIMITS.importLineBytes)) {
      const user = await readLine(line);
      if (typeof user === 'string') fail(line.number, user);
      else if (user) batch.push({ line: line.number, user });
      if (batch.length < BATCH) continue;
      result.imported += await this.store(batch, fail, caller);
      batch = [];
    }
    if (batch.length > 0) result.imported += await this.store(batch, fail, caller);
    result.failed.sort((a, b) => a.line - b.line);
    return result;
  }

  private async store(
    batch: Candidate[],
    fail: (line: number, detail: string) => void,
    caller: Caller,
  ): Promise<number> {
    const named = [...new Set(batch.flatMap(({ user }) => user.orgUnits))];
    const known = named.length === 0 ? new Set<string>() : await this.users.knownUnits(named);
    const good = batch.filter(({ line, user }) => {
      const unknown = user.orgUnits.find((code) => !known.has(code));
      if (unknown !== undefined) fail(line, `orgUnits: there is no org unit "${unknown}"`);
      return unknown === undefined;
    });
    if (good.length === 0) return 0;
    const entry = { ...auditBy(caller), action: 'user.import', details: { users: good.length } };
    await this.users.put(
      good.map(({ user }) => user),
      entry,
    );
    return good.length;
  }
}

/** The user of a line, what is wrong with it, or null for an empty line. */
async function readLine({ bytes }: NdjsonLine): Promise<DirectoryUser | string | null> {
  if (!bytes) return `the line is longer than ${HTTP_LIMITS.importLineBytes} bytes`;
  let value: unknown;
  try {
    const text = utf8.decode(bytes).trim();
    if (text === '') return null;
    if (text.split(/[[{]/, MAX_NESTED + 1).length > MAX_NESTED) return 'the line holds more brackets than a user has';
    value = JSON.parse(text);
  } catch (error) {
    return error instanceof SyntaxError ? 'the line is not valid JSON' : 'the line is not valid UTF-8';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'the line is not a JSON object';
  if (findBadText(value) !== null) return 'the line holds characters that cannot be stored';
  const { userId, ...rest } = value as Record<string, unknown>;
  if (typeof userId !== 'string') return 'userId must be a string';
  const dto = plainToInstance(PutUserDto, rest);
  const errors = await validate(dto, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  const [error] = errors;
  if (error) return problemsOf(error)[0] ?? `${error.property} is not valid`;
  const user = toDirectoryUser(userId, dto);
  return Array.isArray(user) ? user.map(({ field, detail }) => `${field}: ${detail}`).join('; ') : user;
}
