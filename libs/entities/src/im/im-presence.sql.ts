import { IM_MASTER } from '#contracts';
import { isServed } from './im-served.sql.js';

const hasSession = (uid: string, condition: string): string => `EXISTS (
  SELECT 1 FROM im_session session WHERE session.uid = ${uid} AND session.end_reason IS NULL${condition} AND ${isServed('session')})`;

/** SQL: somebody has an online device that is logged in as a master. */
export const hasMaster = (uid: string): string => hasSession(uid, ` AND session.device_level = ${IM_MASTER}`);

/** SQL: somebody has an online device, of whatever kind. */
export const isConnected = (uid: string): string => hasSession(uid, '');
