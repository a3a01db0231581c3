import type { ImRange } from '#entities';
import { ImError } from './im.error.js';

const MAX_LIMIT = 10_000;

export interface PageQuestion {
  /** Seq to begin at; 0: none given. */
  start: number;
  /** Seq before which to end; 0: none given. */
  end: number;
  limit: number;
  /** Towards newer messages. */
  isUp: boolean;
}

/**
 * Which part of a log a page is. Downwards it is a window of seqs, not a number of messages: beyond the end of the log it holds
 * less. @throws ImError
 */
export function pageRange({ start, end, limit: wanted, isUp }: PageQuestion): ImRange {
  if (wanted < 0) throw new ImError('limit不能为负数！');
  const limit = Math.min(wanted, MAX_LIMIT);
  if (start === 0 && end === 0) return { from: 1, to: null, limit, isNewest: true };
  if (isUp) return { from: start, to: end === 0 ? null : end - 1, limit, isNewest: false };
  if (start === 0) throw new ImError('start messageSeq must be greater than 0');
  return { from: Math.max(start - limit + 1, 1, end + 1), to: start, limit, isNewest: true };
}

/** A full page says that there is more, whether or not there is. @param isCut the page was too large to hold them all */
export const moreOf = (found: number, { limit }: ImRange, isCut: boolean): 0 | 1 => (found >= limit || isCut ? 1 : 0);
