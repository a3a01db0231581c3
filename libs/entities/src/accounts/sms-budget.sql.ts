import { DELIVERY_STATUS } from '#contracts';

const S = DELIVERY_STATUS;

/** Ends that give back the segments a delivery took. Of `unknown` nobody knows whether it was sent and billed. */
export const REFUNDED = [S.failed, S.expired, S.cancelled, S.suppressed, S.skipped];

/** SQL: the row of all time; every other row of `sms_budget` is of one day. */
export const TOTAL = `date '1970-01-01'`;

/** SQL: the day in China of a time, wherever the server stands. */
export const dayOf = (time: string): string => `(${time} AT TIME ZONE 'Asia/Shanghai')::date`;
