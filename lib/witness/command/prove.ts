import { consistencyProof, leafHash } from '../tree';
import { proveEntry, ProofPass } from '../proof';
import { readLines } from '../read';
import type { VerifyReport } from '../verify/report';
import { CommandError, EXIT, TRUST, wholeNumber } from './arguments';
import type { Subcommand } from './run';
import { deliver } from './terminal';
import { checked, statusOf, warn } from './trust';

/** `live-witness prove DIR SEQ` */
export const prove: Subcommand = {
  operands: 'DIR SEQ',
  summary:
    "Prove one entry to somebody who has only the log's key: one small file, without the rest of the log.",
  more: `The proof carries the line of its entry, unless --bare is given; check-proof reads both.
With --consistency SIZE there is no SEQ: it proves that the log of today begins with the log of then, line by line of base64.
`,
  options: [...TRUST, 'bare', 'consistency', 'out'],
  async run(args, terminal) {
    const folder = args.operand(0, 'DIR, the folder of the log,');
    const before = args.count('consistency');
    if (before !== undefined && args.operands.length > 1)
      throw new CommandError('--consistency is about the whole log, and takes no SEQ');
    const seq =
      before === undefined ? wholeNumber(args.operand(1, 'SEQ, the number of the entry,'), 'SEQ') : 0;
    const verification = await checked(folder, args, terminal);
    await warn(terminal, verification);
    if (verification.checkpoint === null) {
      await terminal.error('no signed checkpoint is here, so nothing can be proved');
      return EXIT.unknown;
    }
    try {
      const text =
        before === undefined
          ? (await proveEntry(readLines(folder), seq, verification.checkpoint, !args.flag('bare'))).text
          : await consistency(folder, before, verification);
      await deliver(terminal, args.text('out'), text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      await terminal.error(error.message);
      return verification.verdict === 'tampered' ? EXIT.tampered : EXIT.usage;
    }
    return statusOf(verification);
  },
};

/** Lines of base64: that the signed log begins with the one that had `before` entries. Throws RangeError. */
async function consistency(folder: string, before: number, { signed_size }: VerifyReport): Promise<string> {
  return linesOfProof(await consistencyOf(folder, before, signed_size));
}

/** Read a log once and prove that its first `size` entries begin with its first `before`. Throws RangeError. */
export async function consistencyOf(folder: string, before: number, size: number): Promise<Buffer[]> {
  const pass = new ProofPass((subtree) => consistencyProof(before, size, subtree));
  for await (const { line } of readLines(folder)) {
    if (pass.size === size) break;
    pass.push(leafHash(line));
  }
  return pass.proof();
}

/** Hashes as lines of base64. */
export function linesOfProof(hashes: readonly Buffer[]): string {
  return hashes.map((hash) => `${hash.toString('base64')}\n`).join('');
}
