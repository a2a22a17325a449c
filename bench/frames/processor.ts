// What a process has used of the processor, read from outside, while it runs.
import { readFileSync } from 'node:fs';

/** USER_HZ: 100 on every Linux that Node.js runs on. */
const TICK_MS = 10;

/** User and system time of a process so far, ms, without its children. Throws where there is no such process, or no /proc. */
export function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // its name may hold spaces and brackets
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** The processes that this one has started itself, and that run. */
export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
  return text.split(' ').filter(Boolean).map(Number);
}
