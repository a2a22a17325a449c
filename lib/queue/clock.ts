import { readFileSync } from 'node:fs';
import { now } from '../connection/clock';

/** The clock of a queue: what counts is monotonic; the other is only for what people read, and for bans over a restart of the machine. */
export interface QueueClock {
  /** whole milliseconds that only rise, and go on over a restart of the process where `boot` has a name */
  nowMs(): number;
  /** ms since 1970 */
  wallMs(): number;
  /** this start of the machine; null where the system has no name for it */
  boot: string | null;
}

/** The clock of this computer: on Linux CLOCK_MONOTONIC, which all processes of one start of the machine share. */
export function systemClock(): QueueClock {
  let boot: string | null = null;
  try {
    boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() || null;
  } catch {
    // other systems: every start of the process counts as one of the machine
  }
  return { nowMs: () => Number(process.hrtime.bigint() / 1_000_000n), wallMs: now, boot };
}
