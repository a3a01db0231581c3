// Imported for its effect, by everything that measures and by every peer: what a collection of the young objects costs is not
// left to luck on either side. Why: libs/platform/src/engine/no-pretenuring.ts.
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--no-allocation-site-pretenuring');
