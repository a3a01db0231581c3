import { setFlagsFromString } from 'node:v8';

/**
 * Imported for its effect, before anything that serves. V8 notes which places make objects that outlive two collections, and
 * makes those objects old at once from then on. While a process starts almost everything does, so some of the objects of
 * each request or statement were old from birth; what they pointed to, whole answers of the database included, was then
 * copied by two collections and stayed until the next large one. Whether it came to that was a matter of luck: a collection
 * of the young took 1 ms in one process and 8 ms in the next.
 */
setFlagsFromString('--no-allocation-site-pretenuring');
