import { exportText } from '../export';
import { FILTER, TRUST } from './arguments';
import type { Subcommand } from './run';
import { filterOf } from './show';
import { deliver } from './terminal';
import { checked, statusOf, warn } from './trust';

/** `live-witness export DIR` */
export const exportEntries: Subcommand = {
  operands: 'DIR',
  summary: 'Entries as one JSON file, with what a verification says of the log.',
  options: [...TRUST, ...FILTER, 'proofs', 'out'],
  async run(args, terminal) {
    const folder = args.operand(0, 'DIR, the folder of the log,');
    const verification = await checked(folder, args, terminal);
    const filter = filterOf(args);
    const filtered = Object.entries(filter).some(([name, value]) => name !== 'own' && value !== undefined);
    const text = exportText(folder, {
      verification,
      ...(filtered && { filter }),
      proofs: args.flag('proofs'),
      now: terminal.now(),
    });
    await deliver(terminal, args.text('out'), text);
    await warn(terminal, verification);
    return statusOf(verification);
  },
};
