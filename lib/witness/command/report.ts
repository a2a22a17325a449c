import { LiveError } from '../../errors';
import { checkFilter, readEntries } from '../query';
import type { LogEntry } from '../read';
import { reportHtml, reportText, showReport } from '../report';
import { CommandError, TRUST, type Arguments } from './arguments';
import type { Subcommand } from './run';
import { deliver } from './terminal';
import { checked, statusOf, warn } from './trust';

const FORMATS = ['html', 'text', 'json'] as const;
type Format = (typeof FORMATS)[number];

/** `live-witness report DIR` */
export const report: Subcommand = {
  operands: 'DIR',
  summary: 'The report of the show: a page to print, sentences for a mail, or data.',
  options: [...TRUST, 'from', 'to', 'title', 'time-zone', 'format', 'out'],
  async run(args, terminal) {
    const folder = args.operand(0, 'DIR, the folder of the log,');
    const format = formatOf(args);
    const verification = await checked(folder, args, terminal);
    const span = { from: args.text('from') ?? undefined, to: args.text('to') ?? undefined };
    checkFilter(span);
    const data = await showReport(readable(folder), verification, {
      ...span,
      title: args.text('title') ?? undefined,
      timeZone: zoneOf(args),
      now: terminal.now(),
    });
    const text =
      format === 'html'
        ? reportHtml(data)
        : format === 'json'
          ? `${JSON.stringify(data, null, 2)}\n`
          : reportText(data).text;
    await deliver(terminal, args.text('out'), text);
    await warn(terminal, verification);
    return statusOf(verification);
  },
};

/** The entries up to the first that cannot be read: what is wrong there, the verification tells. */
async function* readable(folder: string): AsyncGenerator<LogEntry> {
  try {
    yield* readEntries(folder, { own: true });
  } catch (error) {
    if (!(error instanceof LiveError) || !['WITNESS_DAMAGED', 'WITNESS_NO_LOG'].includes(error.code))
      throw error;
  }
}

function formatOf(args: Arguments): Format {
  const format = args.text('format') ?? /\.(html|json)$/.exec(args.text('out') ?? '')?.[1] ?? 'text';
  const found = FORMATS.find((one) => one === format);
  if (!found) throw new CommandError(`--format wants one of ${FORMATS.join(', ')}, not "${format}"`);
  return found;
}

function zoneOf(args: Arguments): string | undefined {
  const zone = args.text('time-zone');
  if (zone === null) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    throw new CommandError(`--time-zone wants a zone as Europe/Paris, not "${zone}"`);
  }
}
