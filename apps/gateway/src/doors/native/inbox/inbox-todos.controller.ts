import { Param, Post } from '@nestjs/common';
import { InboxRepository, TodoRepository, type TodoState } from '#entities';
import { AdminOrClientAppGuard } from '../auth/admin-or-client-app.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { NotFoundError, invalidField } from '../http/native-errors.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { mayUse } from './inbox-access.policy.js';

/** What a person does with the to-dos of his inbox. */
@NativeController({ path: 'v1/users/:userId/inbox', guard: AdminOrClientAppGuard, security: ['admin', 'clientApp'] })
export class InboxTodosController {
  constructor(
    private readonly inbox: InboxRepository,
    private readonly todos: TodoRepository,
  ) {}

  @Post(':id/done')
  @NativeOperation({
    summary: 'Mark a to-do as done',
    description:
      'Ends what was still to be sent for it to this person: pending channels, fallbacks, retries, reminders. Repeating it changes nothing. For client apps with the feature `user-list`.',
    status: 204,
    example: null,
    problems: ['not_found'],
  })
  done(@Param('userId') userId: string, @Param('id') id: string, @CurrentCaller() caller: Caller): Promise<void> {
    return this.set(userId, id, 'done', caller);
  }

  @Post(':id/reopen')
  @NativeOperation({
    summary: 'Open a to-do again',
    description:
      'What was ended when it was done stays ended, but for reminders that are to come. Repeating it changes nothing. For client apps with the feature `user-list`.',
    status: 204,
    example: null,
    problems: ['not_found'],
  })
  reopen(@Param('userId') userId: string, @Param('id') id: string, @CurrentCaller() caller: Caller): Promise<void> {
    return this.set(userId, id, 'open', caller);
  }

  private async set(userId: string, id: string, state: TodoState, caller: Caller): Promise<void> {
    mayUse('user-list', caller);
    const key = await this.inbox.find(userId, id);
    if (!key) throw new NotFoundError('message');
    const set = await this.todos.setOne({ messageId: key.message_id, seq: key.seq }, state);
    if (!set) throw invalidField('id', 'the message is no to-do');
  }
}
