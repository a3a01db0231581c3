import type { InboxState } from '#contracts';
import { choice, integer, optional, text } from './platform.parameters.js';

const MAX_PAGE = 1_000_000;
const MAX_SIZE = 100;
/** Longer than any title. */
const MAX_SEARCH = 512;

const account = text({ about: '学工号', example: '12345', max: 128 });

export const COUNT = {
  account,
  type: optional(choice({ about: '1通知 4待办，不传入时统计所有类型', example: '1', words: ['1', '4'] })),
};

export const LIST = {
  account,
  page: integer({ about: '页码，从 1 开始', example: '1', from: 1, to: MAX_PAGE }),
  search: optional(text({ about: '用于搜索标题', example: '生日', max: MAX_SEARCH })),
  size: integer({ about: '每页最大100', example: '20', from: 1, to: MAX_SIZE }),
  type: optional(
    choice({ about: '1 待办 2 已办 3 未读 4 已读，不传入时返回所有类型', example: '3', words: ['1', '2', '3', '4'] }),
  ),
};

/** Of user/list. */
export const STATE_OF_TYPE: Readonly<Record<'1' | '2' | '3' | '4', InboxState>> = {
  1: 'open',
  2: 'done',
  3: 'unread',
  4: 'read',
};
