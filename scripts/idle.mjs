// How idle this machine is, whoever keeps it busy.
import { cpus } from 'node:os';

function times() {
  return cpus().reduce(
    (sum, { times: { idle, ...busy } }) => ({
      idle: sum.idle + idle,
      all: sum.all + idle + Object.values(busy).reduce((a, b) => a + b, 0),
    }),
    { idle: 0, all: 0 },
  );
}

/**
 * Looks at the cores now and then.
 * @param everyMs how long each look goes back
 * @returns share: of all cores, idle between the last two looks, 0 to 1 (0 before there were two); close: ends it
 */
export function watchIdle(everyMs) {
  let last = times();
  let share = 0;
  const timer = setInterval(() => {
    const now = times();
    share = now.all > last.all ? (now.idle - last.idle) / (now.all - last.all) : 0;
    last = now;
  }, everyMs);
  timer.unref();
  return {
    share: () => share,
    close: () => clearInterval(timer),
  };
}
