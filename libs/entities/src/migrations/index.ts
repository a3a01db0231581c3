import { Directory1790000000001 } from './1790000000001-directory.js';
import { Messages1790000000002 } from './1790000000002-messages.js';
import { Work1790000000003 } from './1790000000003-work.js';
import { Channels1790000000004 } from './1790000000004-channels.js';
import { InboxAndTodos1790000000005 } from './1790000000005-inbox-and-todos.js';
import { TodoCards1790000000007 } from './1790000000007-todo-cards.js';
import { PortalSessions1790000000008 } from './1790000000008-portal-sessions.js';
import { TagMembersKnown1790000000009 } from './1790000000009-tag-members-known.js';
import { Relay1790000000010 } from './1790000000010-relay.js';
import { Devices1790000000011 } from './1790000000011-devices.js';
import { Im1790000000012 } from './1790000000012-im.js';
import { Psp1790000000013 } from './1790000000013-psp.js';
import { DeviceWords1790000000014 } from './1790000000014-device-words.js';
import { ImSessions1790000000015 } from './1790000000015-im-sessions.js';
import { ImConversations1790000000016 } from './1790000000016-im-conversations.js';
import { DeviceOwners1790000000017 } from './1790000000017-device-owners.js';
import { ReopenedTodos1790000000018 } from './1790000000018-reopened-todos.js';
import { CallbackShares1790000000021 } from './1790000000021-callback-shares.js';
import { WaitsAndLeftovers1790000000022 } from './1790000000022-waits-and-leftovers.js';
import { PublicAccountFollowers1790000000024 } from './1790000000024-public-account-followers.js';

/** In the order they run. A migration that has landed is never edited: add one. */
export const MIGRATIONS = [
  Directory1790000000001,
  Messages1790000000002,
  Work1790000000003,
  Channels1790000000004,
  InboxAndTodos1790000000005,
  TodoCards1790000000007,
  PortalSessions1790000000008,
  TagMembersKnown1790000000009,
  Relay1790000000010,
  Devices1790000000011,
  Im1790000000012,
  Psp1790000000013,
  DeviceWords1790000000014,
  ImSessions1790000000015,
  ImConversations1790000000016,
  DeviceOwners1790000000017,
  ReopenedTodos1790000000018,
  CallbackShares1790000000021,
  WaitsAndLeftovers1790000000022,
  PublicAccountFollowers1790000000024,
];
