import { Body, Delete, Get, Param, Put, Query } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNotEmpty, IsOptional, IsString, MaxLength } from 'class-validator';
import { OrgUnitRepository, type OrgUnitRow } from '#entities';
import { AdminGuard } from '../auth/admin.guard.js';
import { CurrentCaller, auditBy, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { ConflictError, NotFoundError, invalidField } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { PageQuery, decodeCursor, pageOf, type Page } from '../http/paging.js';

export class PutOrgUnitDto {
  @ApiProperty({ example: '销售部' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  name!: string;

  @ApiPropertyOptional({ description: 'Code of the unit above.', nullable: true, example: 'head-office' })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(128)
  parent?: string | null;
}

const EXAMPLE: OrgUnitRow = { code: 'sales', name: '销售部', parent: 'head-office' };
const view = ({ code, name, parent }: OrgUnitRow): OrgUnitRow => ({ code, name, parent });
const MAX_CODE_LENGTH = 128;

@NativeController({ path: 'v1/org-units', guard: AdminGuard, security: ['admin'] })
export class OrgUnitsController {
  constructor(private readonly units: OrgUnitRepository) {}

  @Get()
  @NativeOperation({ summary: 'List org units', example: { items: [EXAMPLE], nextCursor: null } })
  async list(@Query() { limit, cursor }: PageQuery): Promise<Page<OrgUnitRow>> {
    const [after] = decodeCursor<[string]>(cursor, ['string']) ?? [''];
    return pageOf(await this.units.list(after, limit + 1), limit, view, (unit) => [unit.code]);
  }

  @Put(':code')
  @NativeOperation({
    summary: 'Create or replace an org unit',
    description: 'Cycles are refused.',
    example: EXAMPLE,
    problems: ['conflict'],
  })
  async put(
    @Param('code') code: string,
    @Body() body: PutOrgUnitDto,
    @CurrentCaller() caller: Caller,
  ): Promise<OrgUnitRow> {
    if (code.length > MAX_CODE_LENGTH) throw invalidField('code', `code is longer than ${MAX_CODE_LENGTH} characters`);
    const unit = { code, name: body.name, parent: body.parent ?? null };
    const result = await this.units.put(unit, { ...auditBy(caller), action: 'org-unit.put', target: code });
    if (result === 'parent-unknown') throw invalidField('parent', `there is no org unit "${unit.parent ?? ''}"`);
    if (result === 'cycle')
      throw new ConflictError('This parent lies below the unit itself: that would close a cycle.');
    return unit;
  }

  @Get(':code')
  @NativeOperation({ summary: 'One org unit', example: EXAMPLE, problems: ['not_found'] })
  async get(@Param('code') code: string): Promise<OrgUnitRow> {
    const unit = await this.units.find(code);
    if (!unit) throw new NotFoundError('org unit');
    return view(unit);
  }

  @Delete(':code')
  @NativeOperation({
    summary: 'Remove an org unit',
    description: 'Its people stay in the directory. A unit with others below it is refused.',
    status: 204,
    example: null,
    problems: ['not_found', 'conflict'],
  })
  async remove(@Param('code') code: string, @CurrentCaller() caller: Caller): Promise<void> {
    const result = await this.units.remove(code, { ...auditBy(caller), action: 'org-unit.delete', target: code });
    if (result === 'unknown') throw new NotFoundError('org unit');
    if (result === 'has-children')
      throw new ConflictError('There are org units below this one: move or remove them first.');
  }
}
