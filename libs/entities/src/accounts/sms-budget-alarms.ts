/** Shares of a quota, in percent, at which an administrator hears of it. */
const PERCENTS = [80, 100] as const;

/** One quota of an app and what is used of it. */
export interface BudgetLevel {
  app_id: string;
  /** True: the quota of all time; false: of the day. */
  is_total: boolean;
  /** Null: no limit. */
  quota: number | null;
  used: number;
}

export interface BudgetAlarm {
  subject: string;
  detail: string;
  data: Record<string, unknown>;
}

const subjectOf = (appId: string, isTotal: boolean, percent: number): string =>
  `${appId}:${isTotal ? 'total' : 'day'}:${percent}%`;

/** Subjects of every alarm about the app's quota of the day. */
export const dayAlarmsOf = (appId: string): string[] => PERCENTS.map((percent) => subjectOf(appId, false, percent));

/** The alarms that are due at this level. */
export function alarmsAt(level: BudgetLevel): BudgetAlarm[] {
  const { app_id: appId, is_total: isTotal, quota, used } = level;
  if (quota === null) return [];
  const reached = PERCENTS.filter((percent) => used * 100 >= quota * percent);
  return reached.map((percent) => ({
    subject: subjectOf(appId, isTotal, percent),
    detail:
      `Client app "${appId}" has used ${percent === 100 ? 'all' : `${percent} %`} of its SMS quota ` +
      `${isTotal ? 'in total' : 'of today'} (${used} of ${quota} segments): raise smsQuota, or ask its owner.`,
    data: { appId, period: isTotal ? 'total' : 'day', percent, used, quota },
  }));
}

/** Alarms that stand at `after` and did not at `usedBefore`. */
export function alarmsRaised(after: BudgetLevel, usedBefore: number): BudgetAlarm[] {
  const before = new Set(alarmsAt({ ...after, used: usedBefore }).map((alarm) => alarm.subject));
  return alarmsAt(after).filter((alarm) => !before.has(alarm.subject));
}

/** Subjects of the alarms that do not stand at this level. */
export function alarmsOver(level: BudgetLevel): string[] {
  const standing = new Set(alarmsAt(level).map((alarm) => alarm.subject));
  return PERCENTS.map((percent) => subjectOf(level.app_id, level.is_total, percent)).filter(
    (subject) => !standing.has(subject),
  );
}
