import { describe, expect, it } from '@jest/globals';
import type { RelayCircumstances } from '#entities';
import { judgeSends, type ProposedSend } from './relay-rules.policy.js';

const ISSUED = { isOpen: false, isUserInitiated: false };
const stood = (more: Partial<RelayCircumstances> = {}): RelayCircumstances => ({
  senderRole: 'admin',
  isRateExempt: false,
  isReceiverKnown: true,
  isBlocked: false,
  blockers: 0,
  sentRecently: 0,
  waiting: 0,
  hasContact: false,
  contactRedirect: null,
  ...more,
});
const send = (sender = 'a', receiver = 'b', redirect = ''): ProposedSend => ({ sender, receiver, redirect });
const verdict = (more: Partial<RelayCircumstances>, rules = ISSUED) =>
  judgeSends([send()], [stood(more)], rules)[0]?.verdict;

describe('judgeSends', () => {
  it.each<[string, Partial<RelayCircumstances>, string]>([
    ['an admin to a user', {}, 'accepted'],
    ['an unknown token', { senderRole: null }, 'refused'],
    ['an unknown receiver', { isReceiverKnown: false }, 'refused'],
    ['a user who was not written to', { senderRole: 'user' }, 'refused'],
    ['a user who answers', { senderRole: 'user', hasContact: true }, 'accepted'],
    ['a blocked admin', { isBlocked: true }, 'blocked'],
    ['a user whom 300 have blocked', { senderRole: 'user', hasContact: true, blockers: 300 }, 'accepted'],
    ['a user whom 301 have blocked', { senderRole: 'user', hasContact: true, blockers: 301 }, 'blocked'],
    ['an admin whom 301 have blocked', { blockers: 301 }, 'accepted'],
    ['the 300th message of a mailbox', { waiting: 299 }, 'accepted'],
    ['the 301st message of a mailbox', { waiting: 300 }, 'mailbox_full'],
    ['the 100th message in 5 minutes', { sentRecently: 99 }, 'accepted'],
    ['the 101st message in 5 minutes', { sentRecently: 100 }, 'too_frequent'],
    ['the 101st message of an exempt admin', { sentRecently: 100, isRateExempt: true }, 'accepted'],
    ['what is wrong in every way', { isBlocked: true, waiting: 300, sentRecently: 100 }, 'blocked'],
  ])('%s: %s → %s', (_, more, expected) => {
    expect(verdict(more)).toBe(expected);
  });

  it('opens the relay to strangers and between users where the settings say so', () => {
    expect(verdict({ isReceiverKnown: false }, { ...ISSUED, isOpen: true })).toBe('accepted');
    expect(verdict({ senderRole: 'user' }, { ...ISSUED, isUserInitiated: true })).toBe('accepted');
  });

  it('counts accepted messages, and only those, for the messages after them', () => {
    const sends = ['x', 'y', 'x', 'z'].map((receiver) => send('a', receiver));
    const met = [stood({ waiting: 299 }), stood({ isBlocked: true }), stood({ waiting: 299 }), stood()];
    met.forEach((one) => (one.sentRecently = 98));
    expect(judgeSends(sends, met, ISSUED).map((one) => one.verdict)).toEqual([
      'accepted',
      'blocked',
      'mailbox_full',
      'accepted',
    ]);
    expect(judgeSends([...sends, send('a', 'w')], [...met, stood({ sentRecently: 98 })], ISSUED)[4]?.verdict).toBe(
      'too_frequent',
    );
  });

  it('gives an answer the redirect of the message it answers, even of one just before it', () => {
    const user = stood({ senderRole: 'user', hasContact: true, contactRedirect: 'http://old' });
    const judge = (...sends: ProposedSend[]) =>
      judgeSends(sends, [user, stood({ contactRedirect: 'http://older' }), user], ISSUED).map((one) => one.redirect);
    expect(judge(send('u', 'a'), send('a', 'u', 'http://new'), send('u', 'a'))).toEqual([
      'http://old',
      'http://new',
      'http://new',
    ]);
    expect(judge(send('u', 'a', 'http://own'))).toEqual(['http://own']);
  });

  it('gives a message of an admin no redirect but its own', () => {
    const met = [stood({ contactRedirect: 'http://r1' }), stood({ contactRedirect: 'http://r1' })];
    expect(judgeSends([send('a', 'u', 'http://r4'), send('a', 'u')], met, ISSUED).map((one) => one.redirect)).toEqual([
      'http://r4',
      '',
    ]);
  });
});
