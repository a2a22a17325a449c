import { LiveError } from '../../errors';
import { Arguments, CommandError, EXIT, optionHelp, type ExitStatus, type OptionName } from './arguments';
import { checkProof } from './check-proof';
import { checkpoint } from './checkpoint';
import { cosign } from './cosign';
import { exportEntries } from './export';
import { keygen } from './keygen';
import { prove } from './prove';
import { report } from './report';
import { show } from './show';
import type { Terminal } from './terminal';
import { tiles } from './tiles';
import { verify } from './verify';

/** One thing that `live-witness` does. */
export interface Subcommand {
  /** its arguments without options, as the help shows them */
  operands: string;
  /** what it does, one line */
  summary: string;
  /** what else there is to know, whole lines */
  more?: string;
  options: readonly OptionName[];
  /** @throws CommandError, LiveError and the file system's errors: all of them end the command with `EXIT.usage` */
  run(args: Arguments, terminal: Terminal): Promise<ExitStatus>;
}

const SUBCOMMANDS = new Map<string, Subcommand>(
  Object.entries({
    verify,
    show,
    export: exportEntries,
    report,
    prove,
    'check-proof': checkProof,
    checkpoint,
    keygen,
    cosign,
    tiles,
  }),
);

const STATUS = `exit status: 0 valid, 1 tampered or corrupt, 2 cannot be established, 3 wrong usage, or a file cannot be read or written\n`;

/**
 * `live-witness`, given its arguments. Everything that goes wrong becomes a message and a status; nothing is thrown.
 * @returns the status to end with
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  const [name = '', ...rest] = args;
  if (name === '--help' || name === '-h') {
    await terminal.out(overview());
    return EXIT.valid;
  }
  const subcommand = SUBCOMMANDS.get(name);
  try {
    if (!subcommand)
      throw new CommandError(
        name === ''
          ? `say what to do: ${[...SUBCOMMANDS.keys()].join(', ')}. See live-witness --help`
          : `"${name}" is not one of ${[...SUBCOMMANDS.keys()].join(', ')}`,
      );
    const most = subcommand.operands.split(' ').filter(Boolean).length;
    const read = Arguments.read(rest, subcommand.options, most);
    if (read.flag('help')) {
      await terminal.out(helpOf(name, subcommand));
      return EXIT.valid;
    }
    return await subcommand.run(read, terminal);
  } catch (error) {
    await terminal.error(error instanceof Error ? error.message : String(error));
    return error instanceof LiveError && error.code === 'WITNESS_DAMAGED' ? EXIT.tampered : EXIT.usage;
  }
}

function overview(): string {
  const width =
    Math.max(...[...SUBCOMMANDS].map(([name, { operands }]) => name.length + operands.length)) + 1;
  const lines = [...SUBCOMMANDS].map(
    ([name, { operands, summary }]) => `  ${`${name} ${operands}`.padEnd(width)}  ${summary}\n`,
  );
  return `live-witness: a witness log, checked without Node-RED\n\nusage: live-witness COMMAND [options]\n\n${lines.join('')}
live-witness COMMAND --help tells more about one of them. DIR is the folder of a log.\n${STATUS}`;
}

function helpOf(name: string, { operands, summary, more = '', options }: Subcommand): string {
  const usage = ['live-witness', name, operands, '[options]'].filter(Boolean).join(' ');
  return `${summary}\n\nusage: ${usage}\n\n${optionHelp(options)}\n${more ? `${more}\n` : ''}${STATUS}`;
}
