import type { Problem } from '../verify/problems';
import type { VerifyReport } from '../verify/report';
import { TRUST } from './arguments';
import type { Subcommand } from './run';
import { printableField } from './terminal';
import { checked, statusOf } from './trust';

/** `live-witness verify DIR` */
export const verify: Subcommand = {
  operands: 'DIR',
  summary: 'Check every entry, every checkpoint and every signature of a log.',
  more: `Without --vkey (the key as the witness log node shows it, or as it was sent to you) or --trusted a log can at best be
whole in itself: whoever can rewrite all of it can also put another key into it. That ends with status 2.
`,
  options: [...TRUST, 'json'],
  async run(args, terminal) {
    const report = await checked(args.operand(0, 'DIR, the folder of the log,'), args, terminal);
    await terminal.out(args.flag('json') ? `${JSON.stringify(report, null, 2)}\n` : textOf(report));
    return statusOf(report);
  },
};

const MEANING = { valid: 'VALID', tampered: 'TAMPERED', unknown: 'NOT ESTABLISHED' } as const;

function textOf(report: VerifyReport): string {
  const { verdict, sentence, origin, log_id, vkey, problems, cosigned_by, continued_in, continues } = report;
  const rows: [string, string | null][] = [
    ['log', origin && `${origin} (${log_id ?? 'no id'})`],
    ['key', vkey],
    ['entries', `${report.total_events}${span(report)}`],
    ['signed', `${report.signed_size} entries`],
    ['root', report.root],
    ['last entry', report.last_hash],
    ['cosigned by', cosigned_by.join(', ') || null],
    ['ended', report.closed ? 'properly' : 'not: it is still written to, or was cut off'],
    ['goes on from', continues && `${continues.origin} (${continues.logId}, ${continues.reason})`],
    ['goes on in', continued_in],
  ];
  const lines = rows.flatMap(([name, value]) =>
    value ? [`${name.padEnd(12)} ${printableField(value)}\n`] : [],
  );
  return `${MEANING[verdict]}: ${printableField(sentence)}\n\n${lines.join('')}${problems.map(problemLine).join('')}`;
}

function span({ from, to }: VerifyReport): string {
  return from && to ? `, ${from} to ${to}` : '';
}

function problemLine({ severity, code, seq, file, offset, detail }: Problem): string {
  const place = [
    seq === null ? '' : `entry ${seq}`,
    file === null ? '' : `${file}${offset === null ? '' : ` byte ${offset}`}`,
  ].filter(Boolean);
  return `${severity.padEnd(12)} ${printableField(`${code}${place.length ? ` (${place.join(', ')})` : ''}: ${detail}`)}\n`;
}
