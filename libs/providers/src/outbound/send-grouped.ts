import type { ConcurrencyGate } from '../outcome/concurrency-gate.js';
import type { OutboundDelivery, Outcome } from '../port/channel-provider.port.js';

/** How a batch is divided into calls that each carry one content to many recipients. */
export interface Grouping {
  /** Outcome of a delivery that must not be sent at all: its address is none, or would be read as several. */
  refusalOf(delivery: OutboundDelivery): Outcome | null;
  /** Deliveries with the same key may share a call. */
  keyOf(delivery: OutboundDelivery): string;
  /** Under which name the vendor knows the recipient: nobody stands twice in one call, or the second message would be lost. */
  recipientOf(delivery: OutboundDelivery): string;
  maxRecipients: number;
  /** Of the account: all its batches share it. */
  gate: ConcurrencyGate;
}

/** One call: an outcome a delivery, in their order; or `blames_one` where the vendor took nothing because of some recipient it does not name. */
export type SendGroup = (group: readonly OutboundDelivery[]) => Promise<readonly Outcome[] | 'blames_one'>;

/**
 * Sends the batch group by group; a group that is refused for one's sake is halved until it is known whose. Once the vendor holds back
 * the whole account, what has not started is answered the same without a call, which would only lengthen the penalty.
 */
export async function sendGrouped(
  batch: readonly OutboundDelivery[],
  grouping: Grouping,
  send: SendGroup,
): Promise<Outcome[]> {
  const refusals = batch.map((delivery) => grouping.refusalOf(delivery));
  const groups = groupsOf(
    batch.filter((_, i) => refusals[i] === null),
    grouping,
  );
  let held: Outcome | undefined;
  const sendUnlessHeld: SendGroup = async (group) => {
    const known = held;
    if (known) return group.map(() => known);
    const answer = await send(group);
    if (answer !== 'blames_one') held ??= answer.find(({ isAccountWide }) => isAccountWide);
    return answer;
  };
  const sendInTurn: SendGroup = (group) => grouping.gate.run(() => sendUnlessHeld(group));
  const answers = await Promise.all(groups.map((group) => sendHalving(group, sendInTurn)));
  const outcomes = new Map<OutboundDelivery, Outcome>();
  groups.forEach((group, g) => group.forEach((delivery, i) => outcomes.set(delivery, answers[g]?.[i] ?? LOST)));
  return batch.map((delivery, i) => refusals[i] ?? outcomes.get(delivery) ?? LOST);
}

/** An adapter that answers fewer outcomes than deliveries is wrong; nobody knows what it sent. */
const LOST: Outcome = { class: 'unknown_outcome', code: 'no_outcome' };

async function sendHalving(group: readonly OutboundDelivery[], send: SendGroup): Promise<readonly Outcome[]> {
  const answer = await send(group);
  if (answer !== 'blames_one') return answer;
  if (group.length < 2) return group.map(() => LOST);
  const middle = group.length >> 1;
  return [...(await sendHalving(group.slice(0, middle), send)), ...(await sendHalving(group.slice(middle), send))];
}

function groupsOf(batch: readonly OutboundDelivery[], grouping: Grouping): OutboundDelivery[][] {
  const groups: OutboundDelivery[][] = [];
  const open = new Map<string, { group: OutboundDelivery[]; recipients: Set<string> }[]>();
  for (const delivery of batch) {
    const key = grouping.keyOf(delivery);
    const recipient = grouping.recipientOf(delivery);
    const ofKey = open.get(key) ?? [];
    open.set(key, ofKey);
    let place = ofKey.find(({ recipients }) => recipients.size < grouping.maxRecipients && !recipients.has(recipient));
    if (!place) {
      place = { group: [], recipients: new Set() };
      ofKey.push(place);
      groups.push(place.group);
    }
    place.group.push(delivery);
    place.recipients.add(recipient);
  }
  return groups;
}
