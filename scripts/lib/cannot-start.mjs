/** Why a script cannot go on, in one line that a person can act on. Whoever catches it shows `message` alone. */
export class CannotStart extends Error {
  code = 'CANNOT_START';
}
