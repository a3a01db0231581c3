import { describe, expect, it } from '@jest/globals';
import { alarmsAt, alarmsOver, alarmsRaised, type BudgetLevel } from './sms-budget-alarms.js';

const level = (used: number, quota: number | null = 10): BudgetLevel => ({
  app_id: 'billing',
  is_total: false,
  quota,
  used,
});
const subjects = (alarms: readonly { subject: string }[]): string[] => alarms.map(({ subject }) => subject);

describe('alarms about an SMS quota', () => {
  it('stand from 80 % and from 100 % on', () => {
    expect(subjects(alarmsAt(level(7)))).toEqual([]);
    expect(subjects(alarmsAt(level(8)))).toEqual(['billing:day:80%']);
    expect(subjects(alarmsAt(level(10)))).toEqual(['billing:day:80%', 'billing:day:100%']);
    expect(alarmsOver(level(8))).toEqual(['billing:day:100%']);
  });

  it('are raised once, by what crosses the line', () => {
    expect(subjects(alarmsRaised(level(8), 7))).toEqual(['billing:day:80%']);
    expect(subjects(alarmsRaised(level(9), 8))).toEqual([]);
    expect(subjects(alarmsRaised(level(10), 2))).toEqual(['billing:day:80%', 'billing:day:100%']);
  });

  it('are not for apps without a quota', () => {
    expect(alarmsAt(level(1_000_000, null))).toEqual([]);
  });

  it('tell total and day apart', () => {
    expect(subjects(alarmsAt({ ...level(9), is_total: true }))).toEqual(['billing:total:80%']);
  });

  it('say how much of what is used', () => {
    expect(alarmsAt(level(8))[0]?.detail).toContain('8 of 10 segments');
    expect(alarmsAt(level(8))[0]).toMatchObject({
      data: { appId: 'billing', period: 'day', percent: 80, used: 8, quota: 10 },
    });
  });
});
