import { Controller, Get, Param, Query, Req, UseFilters, UseGuards } from '@nestjs/common';
import { hasBadUnicode } from '#content';
import { ApiPspTagSums, ApiPspTask } from './psp.docs.js';
import { success, type PspAnswer } from './psp.envelope.js';
import { PspError, badField } from './psp.error.js';
import { PspFilter } from './psp.filter.js';
import { PspGuard, type PspRequest } from './psp.guard.js';
import { PushTaskService, type ShownTagSums, type ShownTask } from './push-task.service.js';

const MAX_TAG = 128;
/** A page holds every device that a groupcast may name. */
const DEFAULT_SIZE = 500;
const MAX_SIZE = 1000;
const MAX_PAGE = 1_000_000;

@Controller('psp/push/task')
@UseGuards(PspGuard)
@UseFilters(PspFilter)
export class PspTaskController {
  constructor(private readonly tasks: PushTaskService) {}

  @Get()
  @ApiPspTagSums()
  async sums(@Req() request: PspRequest, @Query('tag') tag: unknown): Promise<PspAnswer<ShownTagSums>> {
    if (typeof tag !== 'string' || tag === '' || tag.length > MAX_TAG || hasBadUnicode(tag)) {
      throw badField('tag', `缺失或格式不正确（1 到 ${MAX_TAG} 个字符）`);
    }
    return success(await this.tasks.sums(tag, request.callingApp.appId));
  }

  @Get(':task_id')
  @ApiPspTask()
  async task(
    @Req() request: PspRequest,
    @Param('task_id') taskId: string,
    @Query('page') page: unknown,
    @Query('size') size: unknown,
  ): Promise<PspAnswer<ShownTask>> {
    const task = await this.tasks.of(
      taskId,
      request.callingApp.appId,
      wholeNumber('page', page, 1, MAX_PAGE),
      wholeNumber('size', size, DEFAULT_SIZE, MAX_SIZE),
    );
    if (!task) throw new PspError('task');
    return success(task);
  }
}

function wholeNumber(field: string, given: unknown, fallback: number, most: number): number {
  if (given === undefined || given === '') return fallback;
  const value = typeof given === 'string' && /^\d{1,7}$/.test(given) ? Number(given) : 0;
  if (value < 1 || value > most) throw badField(field, `必须是 1 到 ${most} 的整数`);
  return value;
}
