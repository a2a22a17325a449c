import { CHECKPOINT_FILE, HISTORY_FILE } from '../format';
import type { Listed } from '../lines';
import type { Findings } from './problems';

/** The lock and what it leaves, files on their way, and bytes that were moved aside. */
const OF_THE_WRITER = /^(?:lock(?:\..*)?|\.[0-9a-f]{16}\.tmp|quarantine-.*\.bin)$/;

/** Names that no log has are told: somebody else uses the folder. */
export function checkNames({ others, more }: Listed, findings: Findings): void {
  for (const name of others) {
    if (name === CHECKPOINT_FILE || name === HISTORY_FILE || OF_THE_WRITER.test(name)) continue;
    const shown = JSON.stringify(name.slice(0, 100));
    findings.add('EXTRA_FILE', `${shown} is no part of the log`, { file: name.slice(0, 255) });
  }
  if (more > 0) findings.add('EXTRA_FILE', `${more} more names are no part of the log`);
}
