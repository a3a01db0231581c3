import { DEFAULT_EXPIRY_HOURS } from '#contracts';

const HOURS = Object.entries(DEFAULT_EXPIRY_HOURS)
  .map(([channel, hours]) => `WHEN '${channel}' THEN ${hours}`)
  .join(' ');

/** SQL: how long a delivery of this channel may take where the caller named no time. */
export const defaultExpiryOf = (channel: string): string => `make_interval(hours => CASE ${channel} ${HOURS} END)`;
