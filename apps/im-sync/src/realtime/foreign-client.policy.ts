import type { IncomingHttpHeaders } from 'node:http';
import { isForeignName, isForeignPage, isPageOfThisMachine } from '#platform';

/**
 * Whether a client may not connect where nobody is asked who he is: the rules of the door over HTTP, but for pages of this
 * machine. Those cannot stand at the port of this listener, which serves none, and are let in from any other.
 */
export const isForeignClient = (headers: IncomingHttpHeaders, allowed: readonly string[]): boolean =>
  isForeignName(headers) || (isForeignPage(headers, allowed) && !isPageOfThisMachine(headers));
