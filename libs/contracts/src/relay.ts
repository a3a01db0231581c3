import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';

/** RPC patterns of the relay. im-sync answers them. */
export const RELAY_RPC = {
  send: 'im-sync.relay.send',
  pull: 'im-sync.relay.pull',
  change: 'im-sync.relay.change',
} as const;

/** Most calls that travel in one request. */
export const MAX_RELAYED = 500;
/** Pulls hold whole mailboxes. */
export const MAX_PULLED = 100;

/** Numbers that the published interface names. */
export const RELAY_LIMITS = {
  mailbox: 300,
  sentInWindow: 100,
  windowMinutes: 5,
  blockers: 300,
  retentionDays: 3,
  againMinutes: 10,
} as const;

export const RELAY_ROLES = ['user', 'admin'] as const;
export type RelayRole = (typeof RELAY_ROLES)[number];

/**
 * Calls of whoever holds a token, as columns: place `i` of each list belongs to the same call. The token itself stays in
 * the gateway.
 */
class RelayCallsV1 {
  /** Lower-case hex MD5 of the token: who calls. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_RELAYED)
  @IsString({ each: true })
  callers!: string[];

  /** Lower-case hex SHA-256 of the token: that he is it. */
  @IsArray()
  @ArrayMaxSize(MAX_RELAYED)
  @IsString({ each: true })
  tokenHashes!: string[];

  /** Whether a caller without an identity is let in. */
  @IsArray()
  @ArrayMaxSize(MAX_RELAYED)
  @IsBoolean({ each: true })
  strangers!: boolean[];
}

/** RPC request: messages, each judged as if it had come after those before it. */
export class RelaySendV1 extends RelayCallsV1 {
  @IsArray()
  @ArrayMaxSize(MAX_RELAYED)
  @IsString({ each: true })
  receivers!: string[];

  /** Empty: none given. */
  @IsArray()
  @ArrayMaxSize(MAX_RELAYED)
  @IsString({ each: true })
  redirects!: string[];

  /** What is relayed as it came, as JSON text: `RelayBody`. */
  @IsArray()
  @ArrayMaxSize(MAX_RELAYED)
  @IsString({ each: true })
  bodies!: string[];
}

export interface RelayBody {
  content: string;
  nickname?: string;
  icon?: string;
  type?: string | number;
}

/** `refused`: the token opens nothing, the receiver is unknown, or the sender may not write to him. */
export const RELAY_VERDICTS = ['accepted', 'refused', 'blocked', 'mailbox_full', 'too_frequent'] as const;
export type RelayVerdict = (typeof RELAY_VERDICTS)[number];

/** `verdicts[i]` belongs to the call in place `i`. */
export interface RelaySendAnswer {
  verdicts: RelayVerdict[];
}

/** RPC request: empty mailboxes into the hands of those who ask. */
export class RelayPullV1 extends RelayCallsV1 {
  /** Key whose customer-service mailbox is meant; empty: the caller's own. */
  @IsArray()
  @ArrayMaxSize(MAX_RELAYED)
  @IsString({ each: true })
  keys!: string[];
}

/** A message as it waits in a mailbox. */
export interface RelayEntry {
  /** Epoch seconds. */
  time: number;
  sender: string;
  receiver: string;
  redirect: string | null;
  body: RelayBody;
}

export interface RelayPull {
  /** False: the token opens nothing, or not this mailbox. */
  isEntitled: boolean;
  /** Of what was taken out; null: the mailbox was empty. */
  pullId: number | null;
  /** Absent where they would not have fitted into the answer: they stand in the row of the pull. */
  entries?: RelayEntry[];
}

/** `pulls[i]` belongs to the call in place `i`. */
export interface RelayPullAnswer {
  pulls: RelayPull[];
}

export const RELAY_CHANGES = ['empty', 'block', 'unblock', 'unblock_all'] as const;
export type RelayChange = (typeof RELAY_CHANGES)[number];

/** RPC request: a change of the caller's own mailbox or black list. */
export class RelayChangeV1 {
  @IsIn(RELAY_CHANGES)
  what!: RelayChange;

  @IsString()
  caller!: string;

  @IsString()
  tokenHash!: string;

  @IsBoolean()
  isStranger!: boolean;

  /** Who is blocked or no longer blocked. */
  @IsOptional()
  @IsString()
  md5Id?: string;

  /** How he is shown in the black list. */
  @IsOptional()
  @IsString()
  @MaxLength(256)
  nickname?: string;

  @IsOptional()
  @IsString()
  @MaxLength(4096)
  icon?: string;
}

export interface RelayChangeAnswer {
  /** False: the token opens nothing, or the one to be blocked is unknown. */
  isDone: boolean;
}
