// What the specs of the health alert node share.
/* eslint-disable @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument -- a message carries anything */
import type { HealthReport } from '../../../lib/health/types';
import type { ToldAlert } from '../../../lib/health/watch';
import { reading } from '../../../nodes/health-alert/options';
import { heardBy, next, type Msg } from './rig';

// the rules measure time by themselves, so that readings may come quicker
reading.everyMs = 200;

/** A node as it is dragged, without samples by itself. */
export const HEALTH = {
  type: 'live-health-alert',
  preset: 'standard',
  watch: ['stream', 'computer', 'disk'],
  when: 'show',
  reminderMinutes: '0',
  sampleSeconds: '0',
  bitrateKbps: '',
  media: '',
  frozenNeedsSilence: true,
  attachPicture: false,
  overrides: {},
};

/** A lost server is told with the next reading, and so is its end. */
export const QUICK = {
  overrides: {
    reconnecting: { criticalSeconds: '0', clearSeconds: '0' },
    noData: { clearSeconds: '0' },
  },
};

/** The alerts told so far. */
export const alerts = (id = 'out'): ToldAlert[] => heardBy(id).map(({ alert }) => alert);

/** A sample that `matches`; waits for it. */
export const report = (matches: (report: HealthReport) => boolean): Promise<Msg> =>
  next('interim', ({ topic, payload }) => topic === 'health' && matches(payload), 20_000);
