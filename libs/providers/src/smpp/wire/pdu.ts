/** Ids of the commands we speak (SMPP 3.4 §5.1.2.1). An answer has its request's id with the highest bit set. */
export const COMMANDS = {
  generic_nack: 0x80000000,
  submit_sm: 0x00000004,
  submit_sm_resp: 0x80000004,
  deliver_sm: 0x00000005,
  deliver_sm_resp: 0x80000005,
  unbind: 0x00000006,
  unbind_resp: 0x80000006,
  bind_transceiver: 0x00000009,
  bind_transceiver_resp: 0x80000009,
  enquire_link: 0x00000015,
  enquire_link_resp: 0x80000015,
} as const;

export type Command = keyof typeof COMMANDS;

/** Statuses that this side gives or acts on; what the others mean for a delivery stands in `smpp.outcomes.ts`. */
export const STATUS = {
  ok: 0x00,
  invalidCommandLength: 0x02,
  invalidCommandId: 0x03,
  notBound: 0x04,
  queueFull: 0x14,
  throttled: 0x58,
  /** "Temporary application error": the message centre keeps the message and repeats it. */
  receiverTemporaryError: 0x64,
  unknownError: 0xff,
} as const;

/** Tags of the optional parameters that are read or written here (§5.3.2). */
export const TLV = {
  receiptedMessageId: 0x001e,
  sarReference: 0x020c,
  sarTotal: 0x020e,
  sarNumber: 0x020f,
  messagePayload: 0x0424,
  messageState: 0x0427,
} as const;

export interface SmppAddress {
  /** Type of number: 0 unknown, 1 international, 2 national, 5 alphanumeric. */
  ton: number;
  /** Numbering plan: 0 unknown, 1 telephone numbers. */
  npi: number;
  address: string;
}

export interface BindRequest {
  systemId: string;
  password: string;
  systemType: string;
  /** Addresses whose messages the session wants to receive; empty: as the message centre has it. */
  addressRange: string;
}

/** Body of `submit_sm` and `deliver_sm`, which have the same layout. Fields not named here are empty or 0. */
export interface ShortMessage {
  source: SmppAddress;
  destination: SmppAddress;
  esmClass: number;
  registeredDelivery: number;
  dataCoding: number;
  /** At most 254 octets; a longer one travels as `message_payload`. */
  octets: Buffer;
  /** By tag. */
  tlvs: ReadonlyMap<number, Buffer>;
}

export type PduBody =
  | ({ command: 'bind_transceiver' } & BindRequest)
  | { command: 'bind_transceiver_resp'; systemId: string }
  | ({ command: 'submit_sm' | 'deliver_sm' } & ShortMessage)
  | { command: 'submit_sm_resp' | 'deliver_sm_resp'; messageId: string }
  | { command: 'enquire_link' | 'enquire_link_resp' | 'unbind' | 'unbind_resp' | 'generic_nack' }
  /** A command we do not speak; its body is not looked at. */
  | { command: 'other'; id: number };

/** One protocol data unit. `status` is 0 in requests. */
export type Pdu = PduBody & { status: number; sequence: number };

/** Set in the id of every answer. */
export const isResponseId = (id: number): boolean => id >= 0x80000000;
