import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { QueryFailedError } from 'typeorm';
import { AppError } from '#contracts';
import { DatabaseAwayError, isDatabaseAway } from './database-away.error.js';

const said = (code: string): Error => Object.assign(new Error('words'), { code });
const byOrm = (cause: Error): Error => new QueryFailedError('SELECT 1', [], cause);
const byServer = (code: string): Error => Object.assign(new pg.DatabaseError('words', 5, 'error'), { code });

describe('the database is away', () => {
  it.each([
    ...['08006', '53100', '53200', '53300', '55000', '55P03', '57014', '57P01', '57P03', '58030'].map(said),
    ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE'].map(said),
    new DatabaseAwayError(new Error('no word of the server')),
    byOrm(byServer('57P01')),
    byOrm(new Error('the link is gone')),
  ])('%#: %s', (error) => {
    expect(isDatabaseAway(error)).toBe(true);
  });

  it.each([
    ...['22P02', '23505', '40P01', '42601', '08P01', '55006'].map(said),
    byOrm(byServer('42601')),
    new AppError('OTHER', 'transient', 'words'),
    new TypeError('x'),
    'text',
    undefined,
  ])('not %#: %s', (error) => {
    expect(isDatabaseAway(error)).toBe(false);
  });

  it('is transient, and tells the code it had', () => {
    expect(new DatabaseAwayError(said('57P01'))).toMatchObject({ kind: 'transient', reason: '57P01' });
  });
});
