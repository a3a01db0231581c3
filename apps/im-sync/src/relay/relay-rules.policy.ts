import { RELAY_LIMITS, type RelayVerdict } from '#contracts';
import type { JudgedSend, RelayCircumstances } from '#entities';

/** A message about to be judged. */
export interface ProposedSend {
  sender: string;
  receiver: string;
  /** Empty: none given. */
  redirect: string;
}

export interface RelayRules {
  /** Anybody may be written to, registered or not. */
  isOpen: boolean;
  /** Users may write to each other. */
  isUserInitiated: boolean;
}

export interface RelayJudgement extends JudgedSend {
  verdict: RelayVerdict;
}

/**
 * Judges messages in their order: each counts for those after it. `met[i]` says how things stood for message `i` before the
 * first of them.
 */
export function judgeSends(
  sends: readonly ProposedSend[],
  met: readonly RelayCircumstances[],
  rules: RelayRules,
): RelayJudgement[] {
  const waiting = new Map<string, number>();
  const sent = new Map<string, number>();
  const redirects = new Map<string, string>();
  return sends.map((send, i) => {
    const stood = met[i];
    if (!stood) return refuse('refused');
    const { sender, receiver } = send;
    const answered = redirects.get(pair(sender, receiver));
    const now: RelayCircumstances = {
      senderRole: stood.senderRole,
      isRateExempt: stood.isRateExempt,
      isReceiverKnown: stood.isReceiverKnown,
      isBlocked: stood.isBlocked,
      blockers: stood.blockers,
      sentRecently: stood.sentRecently + (sent.get(sender) ?? 0),
      waiting: stood.waiting + (waiting.get(receiver) ?? 0),
      hasContact: stood.hasContact || answered !== undefined,
      contactRedirect: answered ?? stood.contactRedirect,
    };
    const verdict = verdictOf(now, rules);
    if (verdict !== 'accepted') return refuse(verdict);
    // An answer takes its reader back to where the question came from. Users answer; an admin starts anew, and what he leads to
    // is his to say: a link that came back to him with an answer may be older than the last one he sent.
    const redirect = send.redirect || (now.senderRole === 'user' ? (now.contactRedirect ?? '') : '');
    const isCounted = !now.isRateExempt;
    waiting.set(receiver, (waiting.get(receiver) ?? 0) + 1);
    if (isCounted) sent.set(sender, (sent.get(sender) ?? 0) + 1);
    redirects.set(pair(receiver, sender), redirect);
    return { verdict, isAccepted: true, isCounted, redirect };
  });
}

function verdictOf(now: RelayCircumstances, { isOpen, isUserInitiated }: RelayRules): RelayVerdict {
  const isUser = now.senderRole === 'user';
  if (now.senderRole === null || !(now.isReceiverKnown || isOpen)) return 'refused';
  if (isUser && !isUserInitiated && !now.hasContact) return 'refused';
  if (now.isBlocked || (isUser && now.blockers > RELAY_LIMITS.blockers)) return 'blocked';
  if (now.waiting >= RELAY_LIMITS.mailbox) return 'mailbox_full';
  if (!now.isRateExempt && now.sentRecently >= RELAY_LIMITS.sentInWindow) return 'too_frequent';
  return 'accepted';
}

const refuse = (verdict: RelayVerdict): RelayJudgement => ({
  verdict,
  isAccepted: false,
  isCounted: false,
  redirect: '',
});

const pair = (owner: string, peer: string): string => `${owner} ${peer}`;
