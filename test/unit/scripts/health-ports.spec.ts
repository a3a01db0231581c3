import { describe, expect, it } from '@jest/globals';
import { healthPorts } from '../../../scripts/lib/health-ports.mjs';

const APPS = ['gateway', 'dispatcher', 'im-sync'];
const portsFrom = (wanted: number | undefined): number[] => [...healthPorts(APPS, wanted).values()];

describe('the health ports of npm run start:distributed', () => {
  it('are in a row, from HEALTH_PORT on', () => {
    expect([...healthPorts(APPS, 4200)]).toEqual([
      ['gateway', 4200],
      ['dispatcher', 4201],
      ['im-sync', 4202],
    ]);
    expect(portsFrom(undefined)).toEqual([3100, 3101, 3102]);
  });

  it('are none where HEALTH_PORT is 0', () => {
    expect(portsFrom(0)).toEqual([0, 0, 0]);
  });
});
