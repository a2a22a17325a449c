import { canonicalJson } from '../canonical';
import { readEntries, type EntryFilter } from '../query';
import type { LogEntry } from '../read';
import { EXIT, FILTER, type Arguments } from './arguments';
import type { Subcommand } from './run';
import { printableField } from './terminal';

/** Characters of what was recorded, in a line for people. */
const LONGEST = 160;
/** Lines are put together up to this many characters, so that a long log is not a write for each. */
const BATCH = 16_384;

/** `live-witness show DIR` */
export const show: Subcommand = {
  operands: 'DIR',
  summary: 'List entries, one a line. Nothing is verified here.',
  options: [...FILTER, 'json'],
  async run(args, terminal) {
    const json = args.flag('json');
    let text = '';
    for await (const entry of readEntries(args.operand(0, 'DIR, the folder of the log,'), filterOf(args))) {
      text += json ? `${JSON.stringify(entry)}\n` : lineOfEntry(entry);
      if (text.length < BATCH) continue;
      await terminal.out(text);
      text = '';
      if (terminal.gone) break;
    }
    await terminal.out(text);
    return EXIT.valid;
  },
};

/** Which entries are wanted. Throws CommandError; what a filter may hold is checked where it is used. */
export function filterOf(args: Arguments): EntryFilter {
  const types = args.texts('type');
  return {
    ...(types.length > 0 && { types }),
    from: args.text('from') ?? undefined,
    to: args.text('to') ?? undefined,
    after: args.count('after'),
    limit: args.count('limit'),
    own: args.flag('own'),
  };
}

/** An entry as one line for people. */
export function lineOfEntry({ entry: { t, type, src, data }, seq }: Pick<LogEntry, 'entry' | 'seq'>): string {
  const recorded = printableField(canonicalJson(data));
  const by = printableField(src.name ?? src.node ?? '');
  const short = recorded.length > LONGEST ? `${recorded.slice(0, LONGEST)}…` : recorded;
  return `${String(seq).padStart(7)}  ${t}  ${type.padEnd(20)}  ${by ? `${by}: ` : ''}${short}\n`;
}
