import { open, rm } from 'node:fs/promises';
import { CommandError } from './arguments';

/** Where a command writes, and what time it is. */
export interface Terminal {
  /** For people and programs. What could steer a terminal is written as `\u001b`, which JSON reads as the same text. */
  out(text: string): Promise<void>;
  /** One message about what went wrong. */
  error(text: string): Promise<void>;
  /** whether nobody reads any more, as after `| head` */
  readonly gone: boolean;
  /** ms since 1970 */
  now(): number;
}

/** What comes in small parts is put together up to this many characters, so that a long log is not a write for each. */
export const BATCH = 16_384;

/** Controls, and what turns the direction of a text or cannot be seen. A line break is left. */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu;

/** A text that does nothing to a terminal and hides nothing: each such character as `\u` and four digits. */
export function printable(text: string): string {
  return text.replace(UNSEEN, escaped);
}

/** The same for a part of a line. */
export function printableField(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}

function escaped(character: string): string {
  let out = '';
  for (let at = 0; at < character.length; at++)
    out += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  return out;
}

/**
 * The terminal of this process. A reader that goes away is no error; anything else that keeps the output from being written is.
 * @param failed called with the reason
 */
export function processTerminal(failed: (error: Error) => void): Terminal {
  let gone = false;
  const { stdout, stderr } = process;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    gone = true;
    if (error.code !== 'EPIPE') failed(error);
  });
  stderr.on('error', () => undefined);
  const write = (stream: NodeJS.WriteStream, text: string) =>
    new Promise<void>((done) => void stream.write(text, () => done()));
  return {
    out: async (text) => {
      if (!gone) await write(stdout, printable(text));
    },
    error: (text) => write(stderr, printable(`live-witness: ${text}\n`)),
    get gone() {
      return gone;
    },
    now: () => Date.now(),
  };
}

/**
 * Put a result into the file that was asked for, else on the terminal. A file that is there already is left as it is; one that could not
 * be written whole is not left behind.
 * @throws CommandError
 */
export async function deliver(
  terminal: Terminal,
  file: string | null,
  content: string | AsyncIterable<string>,
): Promise<void> {
  const parts = typeof content === 'string' ? [content] : content;
  if (file !== null) {
    const bytes = await writeNew(file, parts);
    await terminal.out(`${file} is written: ${bytes} bytes.\n`);
    return;
  }
  let text = '';
  try {
    for await (const part of parts) {
      text += part;
      if (text.length < BATCH) continue;
      await terminal.out(text);
      text = '';
      if (terminal.gone) return;
    }
  } finally {
    // what came before an error is shown before the error
    await terminal.out(text);
  }
}

/**
 * Write a file that must not be there yet. One that could not be written whole is removed again.
 * @param mode of the new file; it is set before anything is in it
 * @returns bytes written
 * @throws CommandError; what `parts` throws
 */
export async function writeNew(
  file: string,
  parts: Iterable<string> | AsyncIterable<string>,
  mode = 0o666,
): Promise<number> {
  const written = await open(file, 'wx', mode).catch((error: unknown) => {
    throw notWritten(file, error);
  });
  let bytes = 0;
  try {
    for await (const part of parts) {
      const { bytesWritten } = await written.write(part).catch((error: unknown) => {
        throw notWritten(file, error);
      });
      if (bytesWritten < Buffer.byteLength(part)) throw notWritten(file, new Error('the disk is full'));
      bytes += bytesWritten;
    }
    await written.sync().catch(() => undefined);
    await written.close();
    return bytes;
  } catch (error) {
    await written.close().catch(() => undefined);
    await rm(file, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Why a file could not be written, as people read it. */
function notWritten(file: string, error: unknown): CommandError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new CommandError(
    code === 'EEXIST'
      ? `${file} is there already and was left as it is: choose another name`
      : `${file} could not be written: ${message}`,
  );
}
