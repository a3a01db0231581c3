import { Body, Param, Post } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { AuditRepository, TODO_STATES, TodoRepository, type TodoState } from '#entities';
import { AdminOrClientAppGuard } from '../auth/admin-or-client-app.guard.js';
import { CurrentCaller, auditBy, ownerOf, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { ConflictError, NotFoundError, invalidField } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { MESSAGE_EXAMPLE } from './messages.examples.js';

export class SetTodoDto {
  @ApiProperty({ enum: TODO_STATES, example: 'done' })
  @IsIn(TODO_STATES)
  state!: TodoState;
}

export interface TodoView {
  id: string;
  state: TodoState;
  /** Receivers who have the to-do. */
  receivers: number;
  /** Those of them for whom it was in the other state. */
  changed: number;
}

@NativeController({ path: 'v1/messages', guard: AdminOrClientAppGuard, security: ['admin', 'clientApp'] })
export class TodoController {
  constructor(
    private readonly todos: TodoRepository,
    private readonly audit: AuditRepository,
  ) {}

  @Post(':id/todo')
  @NativeOperation({
    summary: 'Set a to-do for all its receivers',
    description:
      '`done` ends what was still to be sent for it: pending channels, fallbacks, retries, reminders. `open` opens it again and brings none of that back but the reminders that are to come. Repeating it changes nothing. 409 while the message is still on its way to its receivers.',
    example: { id: MESSAGE_EXAMPLE.id, state: 'done', receivers: 3, changed: 2 } satisfies TodoView,
    problems: ['not_found', 'conflict'],
  })
  async set(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() { state }: SetTodoDto,
  ): Promise<TodoView> {
    const result = await this.todos.setAll(id, ownerOf(caller), state);
    switch (result.kind) {
      case 'unknown':
        throw new NotFoundError('message');
      case 'not_todo':
        throw invalidField('id', 'the message is no to-do');
      case 'dispatching':
        throw new ConflictError('The to-do is still on its way to its receivers: try again shortly.');
      case 'set': {
        if (caller.kind === 'admin')
          await this.audit.record({ ...auditBy(caller), action: 'message.todo', target: id, details: { state } });
        return { id, state, receivers: result.receivers, changed: result.changed };
      }
    }
  }
}
