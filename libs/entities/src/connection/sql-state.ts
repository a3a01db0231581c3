/** The code of an error of the database or of the link to it. Also reads through TypeORM's wrapper. */
export const sqlStateOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

/** The value was refused (class 22, data exception, or 23, constraint): it, not the moment, is wrong. */
export const isDataError = (error: unknown): boolean => /^2[23]/.test(sqlStateOf(error) ?? '');

/** Something of this key exists already. */
export const isUniqueViolation = (error: unknown): boolean => sqlStateOf(error) === '23505';

/** Lost against another transaction (serialization, deadlock): run again, the same statement may go through. */
export const isVictim = (error: unknown): boolean => ['40001', '40P01'].includes(sqlStateOf(error) ?? '');

/** A lock was not to be had in time. */
export const LOCK_NOT_AVAILABLE = '55P03';
