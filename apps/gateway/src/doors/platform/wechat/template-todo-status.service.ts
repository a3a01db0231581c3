import { Injectable } from '@nestjs/common';
import { MessageLogRepository, TodoRepository, isMessageId, type MessageRow, type TodoState } from '#entities';
import type { CallingApp } from '../../../intake/accept-message.command.js';
import type { PlatformAnswer } from '../platform.envelope.js';
import { PlatformError } from '../platform.error.js';
import { todoStatusAnswer, type TodoStatus } from '../todo-status.answer.js';

/** Opens and closes the to-dos that went out as template messages. */
@Injectable()
export class TemplateTodoStatusService {
  constructor(
    private readonly messages: MessageLogRepository,
    private readonly todos: TodoRepository,
  ) {}

  /** @throws PlatformError 600023, 600009, 500008, 500015, 600010 */
  async set({ appId }: CallingApp, msgId: string, state: TodoState): Promise<PlatformAnswer<TodoStatus>> {
    const message = isMessageId(msgId) ? await this.messages.find(msgId, appId) : null;
    if (!message || !isTemplateMessage(message)) throw new PlatformError('notOurTemplate');
    const result = await this.todos.setAll(msgId, appId, state);
    switch (result.kind) {
      case 'unknown':
        throw new PlatformError('notOurTemplate');
      case 'not_todo':
        throw new PlatformError('templateNotTodo');
      case 'dispatching':
        throw new PlatformError('dispatching');
      case 'set':
        // It has one receiver.
        if (result.duplicates > 0) throw new PlatformError('todoDuplicate', '接收人有相同的待办尚未办理，不能重新打开');
        if (result.changed === 0) throw new PlatformError('stateUnchanged');
        return todoStatusAnswer(msgId, await this.todos.refsIn(msgId, state));
    }
  }
}

/** What sendTemplateApi sent: nothing else goes out by one named public account while its caller waits. */
const isTemplateMessage = ({ plan }: MessageRow): boolean => plan.isOnce === true && plan.publicAccount !== undefined;
