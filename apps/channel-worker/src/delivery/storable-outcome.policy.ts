import type { Outcome } from '#providers';

/** An index of the database takes no more than some 2,700 bytes; no vendor is known whose ids have a tenth of it. */
const MAX_REF_BYTES = 1024;
/** NUL, and halves of surrogate pairs. */
const UNSTORABLE = /\0|\p{Surrogate}/gu;

/** The adapter has no word for one of the batch: nobody knows what it sent. */
const NO_OUTCOME: Outcome = { class: 'unknown_outcome', code: 'no_outcome' };

/**
 * What an adapter answered, as the database can hold it: a single text that it refuses would lose what is known of the whole batch,
 * and the batch would be sent again. An id that cannot be looked up later is left out.
 */
export function storableOutcome(outcome: Outcome | undefined): Outcome {
  if (!outcome) return NO_OUTCOME;
  const { code, words, providerRef, ask } = outcome;
  if (isStorable(code) && isStorable(words) && isRef(providerRef) && isRef(ask?.ref)) return outcome;
  const { providerRef: ref, ask: question, ...others } = outcome;
  return {
    ...others,
    ...(code === undefined ? {} : { code: code.replace(UNSTORABLE, '') }),
    ...(words === undefined ? {} : { words: words.replace(UNSTORABLE, '') }),
    ...(isRef(ref) && ref !== undefined ? { providerRef: ref } : {}),
    ...(question && isRef(question.ref) ? { ask: question } : {}),
  };
}

const isStorable = (text: string | undefined): boolean =>
  text === undefined || (text.isWellFormed() && !text.includes('\0'));

const isRef = (ref: string | undefined): boolean =>
  ref === undefined || (isStorable(ref) && Buffer.byteLength(ref) <= MAX_REF_BYTES);
