import type { Caller } from '../auth/caller.js';
import { ForbiddenError } from '../http/native-errors.js';

/** The whole inbox of a person, whoever sent it: for portals. An app needs the feature for it. */
export function mayUse(feature: 'user-list' | 'user-count', caller: Caller): void {
  if (caller.kind === 'app' && !caller.app.features.has(feature)) {
    throw new ForbiddenError(`This call needs the feature ${feature}: ask the administrator.`);
  }
}
