import { Injectable } from '@nestjs/common';
import { RelayIdentityRepository } from '#entities';
import { HTTP_LIMITS } from '#platform';
import { auditBy, type Caller } from '../auth/caller.js';
import { RawBody } from '../../../http/raw-body.js';
import { ConflictError, InvalidRequestError } from '../http/native-errors.js';
import { NativeValidationPipe } from '../http/native-validation.pipe.js';
import { ndjsonLines, type NdjsonLine } from '../users/ndjson-lines.js';
import { RelayIdentityDto } from './relay-identity.dto.js';
import { issue, problemOf, type IssuedIdentity } from './relay-identity.mapper.js';

/** Identities one transaction stores. */
const BATCH = 1000;
const EXISTS = 'There is an identity with this token already.';

/** What became of one line. */
export type LineAnswer = ({ line: number } & IssuedIdentity) | { line: number; detail: string };

type Candidate = { line: number } & ({ dto: RelayIdentityDto } | { detail: string });

/** Lets people take part in the relay. */
@Injectable()
export class IssueRelayIdentitiesService {
  private readonly validation = new NativeValidationPipe();

  constructor(private readonly identities: RelayIdentityRepository) {}

  /** @throws InvalidRequestError, ConflictError the token is taken */
  async one(raw: unknown, caller: Caller): Promise<IssuedIdentity> {
    const dto = await this.read(raw);
    const { stored, issued } = issue(dto);
    const entry = { ...auditBy(caller), action: 'relay-identity.create', target: issued.md5Id };
    const created = await this.identities.create([stored], entry);
    if (!created.has(issued.md5Id)) throw new ConflictError(EXISTS);
    return issued;
  }

  /** An answer a line, as text, while the lines still come. A bad line fails alone; what was stored stays stored. */
  async *lines(body: AsyncIterable<Buffer>, caller: Caller): AsyncGenerator<string> {
    let batch: Candidate[] = [];
    for await (const line of ndjsonLines(body, HTTP_LIMITS.importLineBytes)) {
      if (line.bytes?.length === 0) continue;
      batch.push(await this.readLine(line));
      if (batch.length < BATCH) continue;
      yield await this.store(batch, caller);
      batch = [];
    }
    if (batch.length > 0) yield await this.store(batch, caller);
  }

  private async store(batch: readonly Candidate[], caller: Caller): Promise<string> {
    const issuedByLine = new Map(batch.flatMap((one) => ('dto' in one ? [[one.line, issue(one.dto)] as const] : [])));
    const stored = [...issuedByLine.values()].map((one) => one.stored);
    const entry = { ...auditBy(caller), action: 'relay-identity.import', details: { identities: stored.length } };
    const created = stored.length === 0 ? new Set<string>() : await this.identities.create(stored, entry);
    const answers = batch.map((one): LineAnswer => {
      if ('detail' in one) return one;
      const { issued } = issuedByLine.get(one.line) ?? {};
      // The first line of a token has it; a second one with the same token comes too late.
      return issued && created.delete(issued.md5Id)
        ? { line: one.line, ...issued }
        : { line: one.line, detail: EXISTS };
    });
    return answers.map((answer) => `${JSON.stringify(answer)}\n`).join('');
  }

  private async readLine({ number, bytes }: NdjsonLine): Promise<Candidate> {
    if (!bytes) return { line: number, detail: `the line is longer than ${HTTP_LIMITS.importLineBytes} bytes` };
    try {
      return { line: number, dto: await this.read(new RawBody(bytes)) };
    } catch (error) {
      const detail = error instanceof InvalidRequestError ? error.errors[0]?.detail : (error as Error).message;
      return { line: number, detail: detail ?? 'the line is not valid' };
    }
  }

  private async read(raw: unknown): Promise<RelayIdentityDto> {
    const dto = (await this.validation.transform(raw, {
      type: 'body',
      metatype: RelayIdentityDto,
    })) as RelayIdentityDto;
    const problem = problemOf(dto);
    if (problem) throw new InvalidRequestError([problem]);
    return dto;
  }
}
