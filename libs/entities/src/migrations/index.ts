import { Directory1790000000001 } from './1790000000001-directory.js';
import { Messages1790000000002 } from './1790000000002-messages.js';
import { Work1790000000003 } from './1790000000003-work.js';
import { Channels1790000000004 } from './1790000000004-channels.js';
import { InboxAndTodos1790000000005 } from './1790000000005-inbox-and-todos.js';

/** In the order they run. A migration that has landed is never edited: add one. */
export const MIGRATIONS = [
  Directory1790000000001,
  Messages1790000000002,
  Work1790000000003,
  Channels1790000000004,
  InboxAndTodos1790000000005,
];
