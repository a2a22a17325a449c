import { readLines } from '../read';
import { exportTiles } from '../tiles';
import { EXIT, TRUST } from './arguments';
import type { Subcommand } from './run';
import { checked, statusOf, warn } from './trust';

/** `live-witness tiles DIR --out FOLDER` */
export const tiles: Subcommand = {
  operands: 'DIR',
  summary: 'The signed part of a log as tiles (C2SP tlog-tiles), for the tools of public transparency logs.',
  more: `--out names a folder here, new or empty. Any web server can publish it as it is.
`,
  options: [...TRUST, 'out'],
  async run(args, terminal) {
    const folder = args.operand(0, 'DIR, the folder of the log,');
    const out = args.needed('out');
    const verification = await checked(folder, args, terminal);
    await warn(terminal, verification);
    if (verification.checkpoint === null) {
      await terminal.error('no signed checkpoint is here, so there is nothing to publish');
      return EXIT.unknown;
    }
    try {
      const { files, size } = await exportTiles(readLines(folder), verification.checkpoint, out);
      await terminal.out(`${out}: ${size} entries in ${files} files.\n`);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      await terminal.error(error.message);
      return verification.verdict === 'tampered' ? EXIT.tampered : EXIT.usage;
    }
    return statusOf(verification);
  },
};
