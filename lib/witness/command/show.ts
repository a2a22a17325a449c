import { canonicalJson } from '../canonical';
import { readEntries, type EntryFilter } from '../query';
import type { LogEntry } from '../read';
import { EXIT, FILTER, type Arguments } from './arguments';
import type { Subcommand } from './run';
import { deliver, printableField } from './terminal';

/** Characters of what was recorded, in a line for people. */
const LONGEST = 160;

/** `live-witness show DIR` */
export const show: Subcommand = {
  operands: 'DIR',
  summary: 'List entries, one a line. Nothing is verified here.',
  options: [...FILTER, 'json'],
  async run(args, terminal) {
    const entries = readEntries(args.operand(0, 'DIR, the folder of the log,'), filterOf(args));
    await deliver(terminal, null, linesOf(entries, args.flag('json')));
    return EXIT.valid;
  },
};

async function* linesOf(entries: AsyncIterable<LogEntry>, json: boolean): AsyncGenerator<string> {
  for await (const entry of entries) yield json ? `${JSON.stringify(entry)}\n` : lineOfEntry(entry);
}

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
