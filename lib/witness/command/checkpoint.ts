import { EXIT, TRUST } from './arguments';
import type { Subcommand } from './run';
import { deliver, printable } from './terminal';
import { checked, statusOf, warn } from './trust';

/** `live-witness checkpoint DIR` */
export const checkpoint: Subcommand = {
  operands: 'DIR',
  summary:
    'The newest signed checkpoint, verified: put it into a mail, and it is evidence outside of this computer.',
  more: `Whoever has it can later give it to verify with --trusted: then no entry under it can have changed.
`,
  options: [...TRUST, 'out'],
  async run(args, terminal) {
    const verification = await checked(args.operand(0, 'DIR, the folder of the log,'), args, terminal);
    await warn(terminal, verification);
    const { checkpoint: note } = verification;
    if (note === null) {
      await terminal.error('no signed checkpoint is here');
      return EXIT.unknown;
    }
    const out = args.text('out');
    await deliver(terminal, out, note);
    if (out === null && printable(note) !== note)
      await terminal.error(
        'it holds characters that cannot be seen, shown as \\u…; --out writes it as it is',
      );
    return statusOf(verification);
  },
};
