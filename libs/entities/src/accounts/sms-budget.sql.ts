/** SQL: the row of all time; every other row of `sms_budget` is of one day. */
export const TOTAL = `date '1970-01-01'`;

/** SQL: the day in China of a time, wherever the server stands. */
export const dayOf = (time: string): string => `(${time} AT TIME ZONE 'Asia/Shanghai')::date`;
