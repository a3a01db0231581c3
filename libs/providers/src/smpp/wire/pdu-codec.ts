import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { COMMANDS, type Command, type Pdu, type PduBody, type ShortMessage, type SmppAddress } from './pdu.js';

/** command_length, command_id, command_status, sequence_number: four octets each. */
export const HEADER_LENGTH = 16;
const INTERFACE_VERSION = 0x34;
/** Fields of fixed length and closing NULs of the largest body, rounded up. */
const ROOM_FOR_FIXED_FIELDS = 32;

const COMMAND_BY_ID: ReadonlyMap<number, Command> = new Map(
  (Object.keys(COMMANDS) as Command[]).map((command) => [COMMANDS[command], command]),
);

export function encodePdu(pdu: Pdu): Buffer {
  const writer = new ByteWriter(HEADER_LENGTH, HEADER_LENGTH + roomFor(pdu));
  // An answer that says no has no body (§4.4.2).
  if (pdu.status === 0) writeBody(writer, pdu);
  const bytes = writer.end();
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(pdu.command === 'other' ? pdu.id : COMMANDS[pdu.command], 4);
  bytes.writeUInt32BE(pdu.status, 8);
  bytes.writeUInt32BE(pdu.sequence, 12);
  return bytes;
}

/** @param frame one whole unit, header included. Throws `BadPduError`. */
export function decodePdu(frame: Buffer): Pdu {
  const id = frame.readUInt32BE(4);
  const header = { status: frame.readUInt32BE(8), sequence: frame.readUInt32BE(12) };
  const command = COMMAND_BY_ID.get(id);
  if (command === undefined) return { command: 'other', id, ...header };
  return Object.assign(readBody(command, new ByteReader(frame, HEADER_LENGTH)), header);
}

function roomFor(body: PduBody): number {
  switch (body.command) {
    case 'bind_transceiver':
      return (
        ROOM_FOR_FIXED_FIELDS +
        body.systemId.length +
        body.password.length +
        body.systemType.length +
        body.addressRange.length
      );
    case 'submit_sm':
    case 'deliver_sm': {
      let room =
        ROOM_FOR_FIXED_FIELDS + body.source.address.length + body.destination.address.length + body.octets.length;
      for (const value of body.tlvs.values()) room += 4 + value.length;
      return room;
    }
    case 'bind_transceiver_resp':
      return body.systemId.length + 1;
    case 'submit_sm_resp':
    case 'deliver_sm_resp':
      return body.messageId.length + 1;
    default:
      return 0;
  }
}

function writeBody(writer: ByteWriter, body: PduBody): void {
  switch (body.command) {
    case 'bind_transceiver':
      writer.text(body.systemId).text(body.password).text(body.systemType);
      writer.int8(INTERFACE_VERSION, 0, 0).text(body.addressRange);
      return;
    case 'bind_transceiver_resp':
      writer.text(body.systemId);
      return;
    case 'submit_sm':
    case 'deliver_sm':
      writeShortMessage(writer, body);
      return;
    case 'submit_sm_resp':
    case 'deliver_sm_resp':
      writer.text(body.messageId);
      return;
    default:
  }
}

function readBody(command: Command, reader: ByteReader): PduBody {
  switch (command) {
    case 'bind_transceiver':
      return { command, ...readBind(reader) };
    case 'bind_transceiver_resp':
      return { command, systemId: reader.text() };
    case 'submit_sm':
    case 'deliver_sm':
      return { command, ...readShortMessage(reader) };
    case 'submit_sm_resp':
    case 'deliver_sm_resp':
      return { command, messageId: reader.text() };
    default:
      return { command };
  }
}

function readBind(reader: ByteReader): Omit<Extract<PduBody, { command: 'bind_transceiver' }>, 'command'> {
  const [systemId, password, systemType] = [reader.text(), reader.text(), reader.text()];
  reader.octets(3); // interface_version, addr_ton, addr_npi
  return { systemId, password, systemType, addressRange: reader.text() };
}

const writeAddress = (writer: ByteWriter, { ton, npi, address }: SmppAddress): ByteWriter =>
  writer.int8(ton, npi).text(address);

function writeShortMessage(writer: ByteWriter, message: ShortMessage): void {
  writer.text(''); // service_type
  writeAddress(writer, message.source);
  writeAddress(writer, message.destination);
  writer.int8(message.esmClass, 0, 0).text('').text(''); // protocol_id, priority_flag; schedule, validity
  writer.int8(message.registeredDelivery, 0, message.dataCoding, 0); // replace_if_present; sm_default_msg_id
  writer.int8(message.octets.length).octets(message.octets);
  for (const [tag, value] of message.tlvs) writer.int16(tag).int16(value.length).octets(value);
}

const readAddress = (reader: ByteReader): SmppAddress => ({
  ton: reader.int8(),
  npi: reader.int8(),
  address: reader.text(),
});

function readShortMessage(reader: ByteReader): ShortMessage {
  reader.text(); // service_type
  const source = readAddress(reader);
  const destination = readAddress(reader);
  const esmClass = reader.int8();
  reader.octets(2); // protocol_id, priority_flag
  reader.text(); // schedule_delivery_time
  reader.text(); // validity_period
  const registeredDelivery = reader.int8();
  reader.int8(); // replace_if_present_flag
  const dataCoding = reader.int8();
  reader.int8(); // sm_default_msg_id
  const octets = reader.octets(reader.int8());
  return { source, destination, esmClass, registeredDelivery, dataCoding, octets, tlvs: readTlvs(reader) };
}

/** As many as are whole: a vendor's odd padding behind them takes nothing from the message. */
function readTlvs(reader: ByteReader): ReadonlyMap<number, Buffer> {
  const tlvs = new Map<number, Buffer>();
  while (reader.left >= 4) {
    const tag = reader.int16();
    const length = reader.int16();
    if (length > reader.left) break;
    tlvs.set(tag, reader.octets(length));
  }
  return tlvs;
}
