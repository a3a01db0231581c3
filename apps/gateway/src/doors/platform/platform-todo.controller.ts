import { Req } from '@nestjs/common';
import { TodoRepository, type SetTodoResult, type TodoState } from '#entities';
import type { CallingApp } from '../../intake/accept-message.command.js';
import { PlatformCall, PlatformController } from './platform-call.decorator.js';
import type { PlatformCode } from './platform.codes.js';
import { MSG_ID } from './platform.docs.js';
import type { PlatformAnswer } from './platform.envelope.js';
import { PlatformError } from './platform.error.js';
import type { PlatformRequest } from './platform.guard.js';
import { choice, optional, readParameters, text, withDefault } from './platform.parameters.js';
import { todoStatusAnswer, type TodoStatus } from './todo-status.answer.js';
import { TemplateTodoStatusService } from './wechat/template-todo-status.service.js';

const CHECK = {
  // Optional as published; without it the answer is that of an unknown one.
  msgId: optional(text({ about: '消息唯一标识', example: MSG_ID })),
  messageType: withDefault(
    choice({ about: '2：微信服务号模板消息，其他情况 1', example: '1', words: ['1', '2'] }),
    '1',
  ),
  state: withDefault(choice({ about: '1：待办理，2：已办理', example: '2', words: ['1', '2'] }), '2'),
};

const STATES: Readonly<Record<'1' | '2', TodoState>> = { 1: 'open', 2: 'done' };

const REFUSALS: Readonly<Record<Exclude<SetTodoResult['kind'], 'set'>, PlatformCode>> = {
  unknown: 'messageUnknown',
  not_todo: 'notTodo',
  dispatching: 'dispatching',
};

@PlatformController()
export class PlatformTodoController {
  constructor(
    private readonly todos: TodoRepository,
    private readonly templates: TemplateTodoStatusService,
  ) {}

  @PlatformCall({
    path: 'message/checkMessageStatusApi',
    summary: '待办消息确认',
    description:
      'Sets the to-do of every receiver; one step each, `stepId` its per-delivery reference. Repeating it changes nothing (messageType 2: 600010).',
    parameters: CHECK,
    carries: 'form',
    example: todoStatusAnswer(MSG_ID, ['AZjB8npSAAAAAB0SOUlA5E0tlsk6i1V0R14']),
    codes: [
      'messageUnknown',
      'notTodo',
      'dispatching',
      'templateNotTodo',
      'stateUnchanged',
      'notOurTemplate',
      'todoDuplicate',
    ],
  })
  async check(@Req() { callingApp, given }: PlatformRequest): Promise<PlatformAnswer<TodoStatus>> {
    const { msgId, messageType, state } = readParameters(CHECK, given);
    if (msgId === undefined) throw new PlatformError('messageUnknown');
    return messageType === '2'
      ? this.templates.set(callingApp, msgId, STATES[state])
      : this.set(callingApp, msgId, STATES[state]);
  }

  private async set({ appId }: CallingApp, msgId: string, state: TodoState): Promise<PlatformAnswer<TodoStatus>> {
    const result = await this.todos.setAll(msgId, appId, state);
    if (result.kind !== 'set') throw new PlatformError(REFUSALS[result.kind]);
    // With several receivers the others' to-dos are open, and theirs are missing among the steps.
    if (result.receivers === 0 && result.duplicates > 0)
      throw new PlatformError('todoDuplicate', '接收人有相同的待办尚未办理，不能重新打开');
    return todoStatusAnswer(msgId, await this.todos.refsIn(msgId, state));
  }
}
