import { Injectable } from '@nestjs/common';
import type { DeliveryStatus, MessageStatus } from '#contracts';
import { PushTaskRepository, isMessageId, type PushTask, type PushTaskLine } from '#entities';

/** `sending` and `retrying` are no answers for a caller: the push is pending. */
const SHOWN: Partial<Record<DeliveryStatus, DeliveryStatus>> = { sending: 'pending', retrying: 'pending' };

const STATES: Readonly<Record<MessageStatus, 'queued' | 'sending' | 'done' | 'expired'>> = {
  scheduled: 'queued',
  accepted: 'queued',
  dispatching: 'sending',
  dispatched: 'sending',
  completed: 'done',
  cancelled: 'done',
  expired: 'expired',
};

/** A device, or a user or org unit that led to none. */
export interface ShownDevice {
  device_token: string;
  status: string;
  error?: string;
  user_id?: string;
  org_id?: string;
}

export interface ShownTask {
  task_id: string;
  state: 'queued' | 'sending' | 'done' | 'expired';
  total: number;
  sent: number;
  delivered: number;
  failed: number;
  devices: ShownDevice[];
}

export interface ShownTagSums {
  tag: string;
  tasks: number;
  total: number;
  sent: number;
  delivered: number;
  failed: number;
  /** Absent: all of them are summed up. */
  is_partial?: true;
}

/** What became of pushes: totals from the counters, devices a page at a time. */
@Injectable()
export class PushTaskService {
  constructor(private readonly tasks: PushTaskRepository) {}

  /** Null when unknown, or another app's. @param page from 1 */
  async of(taskId: string, appId: string, page: number, size: number): Promise<ShownTask | null> {
    const task = isMessageId(taskId) ? await this.tasks.find(taskId, appId) : null;
    if (!task) return null;
    const { total, sent, delivered, failed } = task;
    const from = (page - 1) * size;
    // The places of a page far beyond the last device are larger than what the database counts in.
    const lines = from < total ? await this.tasks.lines(taskId, from, size) : [];
    return { task_id: taskId, state: stateOf(task), total, sent, delivered, failed, devices: lines.map(shown) };
  }

  async sums(tag: string, appId: string): Promise<ShownTagSums> {
    const { isPartial, ...sums } = await this.tasks.sums(appId, tag);
    return { tag, ...sums, ...(isPartial ? { is_partial: true as const } : {}) };
  }
}

/** Nobody was reached before the time was over. */
const stateOf = ({ status, total, expired }: PushTask): ShownTask['state'] =>
  status === 'completed' && total > 0 && expired === total ? 'expired' : STATES[status];

function shown({ deviceToken, userId, status, error }: PushTaskLine): ShownDevice {
  const isOrgUnit = error === 'unknown_org_unit';
  return {
    device_token: isOrgUnit ? '' : deviceToken,
    status: SHOWN[status] ?? status,
    ...(error === null ? {} : { error }),
    // Whose a device is was not the caller's to know; whom he named himself he knows.
    ...(userId === '' || deviceToken !== '' ? {} : { user_id: userId }),
    ...(isOrgUnit ? { org_id: deviceToken } : {}),
  };
}
