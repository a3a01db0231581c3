import { Injectable } from '@nestjs/common';
import { IM_GROUP } from '#contracts';
import { Database, type Sql } from '../connection/database.js';
import { ImConversationRepository } from './im-conversation.repository.js';

export interface ImChannelKey {
  /** As the row has it. */
  channelId: string;
  channelType: number;
}

export interface ImChannelFlags {
  isLarge: boolean;
  isBanned: boolean;
  isDisbanded: boolean;
}

export type ImList = 'black' | 'white';

/** Channels, who gets what is sent there, and their black and white lists. Each change locks the row of its channel. */
@Injectable()
export class ImChannelRepository {
  constructor(
    private readonly database: Database,
    private readonly conversations: ImConversationRepository,
  ) {}

  /** Makes the channel, or changes its flags. Answers its key. */
  describe(channel: ImChannelKey, flags: ImChannelFlags): Promise<number> {
    return this.database.transaction((tx) => describe(tx, channel, flags));
  }

  /** As `describe`; the subscribers replace those there were. */
  create(channel: ImChannelKey, flags: ImChannelFlags, uids: readonly string[]): Promise<number> {
    return this.database.transaction(async (tx) => {
      const key = await describe(tx, channel, flags);
      await this.conversations.leaveAllBut(tx, key, uids);
      await clearSubscribers(tx, key);
      await addSubscribers(tx, key, uids, false);
      await this.conversations.join(tx, key, uids);
      return key;
    });
  }

  /** Disbands it and removes its subscribers; its log stays. Answers its key; null: unknown. */
  delete({ channelId, channelType }: ImChannelKey): Promise<number | null> {
    return this.database.transaction(async (tx) => {
      const [row] = await tx.query<{ key: number }>(
        `UPDATE im_channel SET is_disbanded = true WHERE channel_id = $1 AND channel_type = $2 RETURNING channel_key AS key`,
        [channelId, channelType],
      );
      if (!row) return null;
      await this.conversations.leaveAllBut(tx, row.key, []);
      await clearSubscribers(tx, row.key);
      return row.key;
    });
  }

  /** Makes the channel where it is unknown. Answers its key. */
  addSubscribers(
    channel: ImChannelKey,
    uids: readonly string[],
    { isReset, isTemporary }: { isReset: boolean; isTemporary: boolean },
  ): Promise<number> {
    return this.database.transaction(async (tx) => {
      const key = await lock(tx, channel);
      if (isReset) {
        await this.conversations.leaveAllBut(tx, key, uids);
        await clearSubscribers(tx, key);
      }
      await addSubscribers(tx, key, uids, isTemporary);
      if (!isTemporary) await this.conversations.join(tx, key, uids);
      return key;
    });
  }

  removeSubscribers(channel: ImChannelKey, uids: readonly string[]): Promise<number> {
    return this.database.transaction(async (tx) => {
      const key = await lock(tx, channel);
      await this.conversations.leave(tx, key, uids);
      await tx.query('DELETE FROM im_subscriber WHERE channel_key = $1 AND uid = ANY($2::text[])', [key, uids]);
      return key;
    });
  }

  changeList(
    channel: ImChannelKey,
    list: ImList,
    how: 'list_add' | 'list_set' | 'list_remove',
    uids: readonly string[],
  ): Promise<number> {
    return this.database.transaction(async (tx) => {
      const key = await lock(tx, channel);
      if (how === 'list_set') await tx.query('DELETE FROM im_listed WHERE channel_key = $1 AND list = $2', [key, list]);
      await tx.query(how === 'list_remove' ? UNLIST : LIST, [key, list, uids]);
      return key;
    });
  }

  async whiteList(channelId: string): Promise<string[]> {
    const rows = await this.database.query<{ uid: string }>(
      `SELECT l.uid FROM im_channel c JOIN im_listed l ON l.channel_key = c.channel_key AND l.list = 'white'
        WHERE c.channel_id = $1 AND c.channel_type = $2 ORDER BY l.uid`,
      [channelId, IM_GROUP],
    );
    return rows.map(({ uid }) => uid);
  }
}

const LIST = `
  INSERT INTO im_listed (channel_key, list, uid) SELECT DISTINCT $1::bigint, $2, uid FROM unnest($3::text[]) AS g(uid)
      ON CONFLICT DO NOTHING`;
const UNLIST = 'DELETE FROM im_listed WHERE channel_key = $1 AND list = $2 AND uid = ANY($3::text[])';

async function describe(tx: Sql, { channelId, channelType }: ImChannelKey, flags: ImChannelFlags): Promise<number> {
  const [row] = await tx.query<{ key: number }>(
    `INSERT INTO im_channel (channel_id, channel_type, is_large, is_banned, is_disbanded) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (channel_id, channel_type) DO UPDATE
        SET is_large = excluded.is_large, is_banned = excluded.is_banned, is_disbanded = excluded.is_disbanded
     RETURNING channel_key AS key`,
    [channelId, channelType, flags.isLarge, flags.isBanned, flags.isDisbanded],
  );
  return keyOf(row);
}

/** Makes the row where there is none, and keeps it from being changed by others until the commit. */
async function lock(tx: Sql, { channelId, channelType }: ImChannelKey): Promise<number> {
  const [row] = await tx.query<{ key: number }>(
    `INSERT INTO im_channel (channel_id, channel_type) VALUES ($1, $2)
         ON CONFLICT (channel_id, channel_type) DO UPDATE SET channel_id = excluded.channel_id RETURNING channel_key AS key`,
    [channelId, channelType],
  );
  return keyOf(row);
}

function keyOf(row: { key: number } | undefined): number {
  if (!row) throw new Error('the statement answers one row');
  return row.key;
}

/** In the order of the uids, and the later of two answers for whether it is temporary. */
const addSubscribers = (tx: Sql, key: number, uids: readonly string[], isTemporary: boolean): Promise<unknown> =>
  tx.query(
    `INSERT INTO im_subscriber (channel_key, uid, is_temporary)
     SELECT DISTINCT $1::bigint, uid, $3::boolean FROM unnest($2::text[]) AS g(uid) ORDER BY uid
         ON CONFLICT (channel_key, uid) DO UPDATE SET is_temporary = excluded.is_temporary
      WHERE im_subscriber.is_temporary AND NOT excluded.is_temporary`,
    [key, uids, isTemporary],
  );

const clearSubscribers = (tx: Sql, key: number): Promise<unknown> =>
  tx.query('DELETE FROM im_subscriber WHERE channel_key = $1', [key]);
