import { parseArgs } from 'node:util';

/** The options of a command line by name. */
export type Values = Partial<Record<string, string>>;

/** Say what is wrong with the command line, and end with exit code 2. */
export function misuse(reason: string): never {
  process.stderr.write(`live-simulator: ${reason}. See live-simulator --help.\n`);
  process.exit(2);
}

/** A port, or the end of the program with exit code 2. */
export function wholePort(text: string, option = '--port'): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) misuse(`${option} wants a number from 0 to 65535, not "${text}"`);
  return port;
}

/** The options of a command line; null where only the help was asked for, which is printed. Ends the program where one is unknown. */
export function readOptions(args: string[], known: readonly string[], help: string): Values | null {
  try {
    const { values } = parseArgs({
      args,
      options: {
        ...Object.fromEntries(known.map((name) => [name, { type: 'string' } as const])),
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (!values.help) return values as Values;
  } catch (error) {
    misuse((error as Error).message.split('. ')[0] ?? 'unknown arguments');
  }
  process.stdout.write(help);
  return null;
}

/** Run until SIGINT or SIGTERM. */
export function untilSignal(end: () => Promise<void>): void {
  const finish = () => {
    process.off('SIGINT', finish);
    process.off('SIGTERM', finish);
    void end();
  };
  process.on('SIGINT', finish);
  process.on('SIGTERM', finish);
}
