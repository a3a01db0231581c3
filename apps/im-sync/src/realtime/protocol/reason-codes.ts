/** Why a connection or a message was refused, or that it was not: numbers of the client protocols. */
export const REASON = {
  success: 1,
  authFail: 2,
  notSubscribed: 3,
  blackListed: 4,
  noSuchChannel: 5,
  undecodable: 9,
  notAllowed: 11,
  kicked: 12,
  notWhiteListed: 13,
  systemError: 15,
  wrongChannelId: 16,
  banned: 19,
  noClientKey: 21,
  tooFast: 22,
  channelTypeUnsupported: 23,
  disbanded: 24,
} as const;
export type Reason = (typeof REASON)[keyof typeof REASON];
