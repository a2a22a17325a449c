import { judgeProof } from '../proof-verdict';
import { CommandError } from './arguments';
import type { Subcommand } from './run';
import { lineOfEntry } from './show';
import { printableField } from './terminal';
import { readBytes, readText, statusOf, trustOf } from './trust';

const MEANING = { valid: 'VALID', tampered: 'NO PROOF', unknown: 'NOT ESTABLISHED' } as const;

/** `live-witness check-proof FILE` */
export const checkProof: Subcommand = {
  operands: 'FILE',
  summary: 'Check the proof of one entry. The log is not needed.',
  options: ['vkey', 'origin', 'cosigner', 'quorum', 'entry', 'json'],
  async run(args, terminal) {
    const text = await readText(args.operand(0, 'FILE, the proof,'));
    const file = args.text('entry');
    const line = file === null ? null : withoutBreak(await readBytes(file));
    const trust = await trustOf(args, terminal);
    let report;
    try {
      report = judgeProof(text, line, trust);
    } catch (error) {
      throw error instanceof RangeError ? new CommandError(`${error.message} (--entry)`) : error;
    }
    if (args.flag('json')) await terminal.out(`${JSON.stringify(report, null, 2)}\n`);
    else {
      const { verdict, sentence, entry, seq } = report;
      const shown = entry && seq !== null ? `\n${lineOfEntry({ entry, seq })}` : '';
      await terminal.out(`${MEANING[verdict]}: ${printableField(sentence)}\n${shown}`);
    }
    return statusOf(report);
  },
};

/** A line as it stands in a file ends with a break that is not its own. */
function withoutBreak(bytes: Buffer): Buffer {
  return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
}
