import { readFile } from 'node:fs/promises';
import { utf8Text } from '../text';
import { verifyFolder } from '../verify';
import type { VerifyOptions, VerifyReport } from '../verify/report';
import { CommandError, EXIT, type Arguments, type ExitStatus } from './arguments';
import { printableField, type Terminal } from './terminal';

/**
 * A small file that was named on the command line, as text. What is not UTF-8 is no text at all: never one with replaced characters.
 * @throws CommandError
 */
export async function readText(file: string): Promise<string> {
  return utf8Text(await readBytes(file));
}

/** The same as bytes. */
export async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new CommandError(`${file} could not be read: ${(error as Error).message}`);
  }
}

/** A signed checkpoint inside of another text, its lines as they come out of a mail. */
const CHECKPOINT = /^[^\n]+\n(?:0|[1-9]\d{0,15})\n[A-Za-z0-9+/]{43}=\n\n(?:\u2014 \S+ \S+(?:\n|$))+/gm;

/** The checkpoints in a file: a saved mail or chat may hold several, quoted too. Without any, the text as it is, which is none. */
function checkpointsIn(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/^(?:> ?)+/, '').trimEnd());
  const found = lines.join('\n').match(CHECKPOINT);
  return found ? [...found] : [text];
}

/** What the caller knows beforehand. Throws CommandError. */
export async function trustOf(args: Arguments, { now }: Pick<Terminal, 'now'>): Promise<VerifyOptions> {
  const cosigners = args.texts('cosigner');
  const quorum = args.count('quorum');
  if (quorum !== undefined && (quorum < 1 || quorum > cosigners.length))
    throw new CommandError(`--quorum wants a number from 1 to the ${cosigners.length} that --cosigner names`);
  return {
    origin: args.text('origin') ?? undefined,
    vkeys: args.texts('vkey'),
    cosigners,
    quorum,
    trusted: (await Promise.all(args.texts('trusted').map(readText))).flatMap(checkpointsIn),
    maxAgeMs: args.duration('max-age'),
    now,
  };
}

/** Verify the folder of a log with what the caller knows. */
export async function checked(folder: string, args: Arguments, terminal: Terminal): Promise<VerifyReport> {
  return verifyFolder(folder, await trustOf(args, terminal));
}

/** The status that tells a verdict. */
export function statusOf({ verdict }: { verdict: 'valid' | 'tampered' | 'unknown' }): ExitStatus {
  return EXIT[verdict];
}

/** For commands that hand something out: what is wrong with the log, as a message beside it. */
export async function warn(
  terminal: Terminal,
  report: Pick<VerifyReport, 'verdict' | 'sentence'>,
): Promise<void> {
  if (report.verdict !== 'valid')
    await terminal.error(`${report.verdict}: ${printableField(report.sentence)}`);
}
