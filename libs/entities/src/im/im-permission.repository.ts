import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** What somebody wants to send, by the channel whose rules are asked: of a person channel the receiver's own. */
export interface ImAskedPermission {
  uid: string;
  ruleChannelId: string;
  channelType: number;
}

/** What there is to know about whether he may. */
export interface ImPermissionFacts {
  isSystem: boolean;
  isBanned: boolean;
  isDisbanded: boolean;
  isSubscriber: boolean;
  isBlackListed: boolean;
  /** The channel has a white list. */
  hasWhiteList: boolean;
  isWhiteListed: boolean;
}

const LISTED = (list: 'black' | 'white'): string =>
  `EXISTS (SELECT 1 FROM im_listed l WHERE l.channel_key = c.channel_key AND l.list = '${list}' AND l.uid = g.uid)`;

const FACTS = `
  SELECT EXISTS (SELECT 1 FROM im_system_uid u WHERE u.uid = g.uid) AS "isSystem",
         coalesce(c.is_banned, false) AS "isBanned",
         coalesce(c.is_disbanded, false) AS "isDisbanded",
         EXISTS (SELECT 1 FROM im_subscriber s WHERE s.channel_key = c.channel_key AND s.uid = g.uid) AS "isSubscriber",
         ${LISTED('black')} AS "isBlackListed",
         EXISTS (SELECT 1 FROM im_listed l WHERE l.channel_key = c.channel_key AND l.list = 'white') AS "hasWhiteList",
         ${LISTED('white')} AS "isWhiteListed"
    FROM unnest($1::text[], $2::text[], $3::smallint[]) WITH ORDINALITY AS g(uid, channel_id, channel_type, n)
    LEFT JOIN im_channel c ON c.channel_id = g.channel_id AND c.channel_type = g.channel_type
   ORDER BY g.n`;

/** What decides whether clients may send. */
@Injectable()
export class ImPermissionRepository {
  constructor(private readonly database: Database) {}

  /** `facts[i]` belongs to `asked[i]`. */
  facts(asked: readonly ImAskedPermission[]): Promise<ImPermissionFacts[]> {
    return this.database.keyed.query<ImPermissionFacts>(
      FACTS,
      [
        asked.map(({ uid }) => uid),
        asked.map(({ ruleChannelId }) => ruleChannelId),
        asked.map(({ channelType }) => channelType),
      ],
      'im_permission_facts',
    );
  }
}
