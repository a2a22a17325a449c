import { parseArgs } from 'node:util';

/** What a command's end says to scripts. `usage`: the question was wrong, or a file could not be read or written. */
export const EXIT = { valid: 0, tampered: 1, unknown: 2, usage: 3 } as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** The command was asked for something it cannot do; ends it with `EXIT.usage`. */
export class CommandError extends Error {}

interface Option {
  /** what stands for its value in the help; none: it has no value */
  value?: string;
  help: string;
  multiple?: true;
}

/** Every option, on one page: it means the same wherever it is taken. */
export const OPTIONS = {
  vkey: {
    value: 'KEY',
    multiple: true,
    help: 'public key the log may be signed with (repeatable): name+id+key',
  },
  origin: { value: 'NAME', help: 'name the log has to have' },
  trusted: {
    value: 'FILE',
    multiple: true,
    help: 'a checkpoint you kept, or a saved mail or chat with some in it (repeatable)',
  },
  cosigner: { value: 'KEY', multiple: true, help: 'public key of a cosigner (repeatable)' },
  quorum: { value: 'N', help: 'how many of the cosigners are enough (default: all)' },
  'max-age': { value: 'TIME', help: 'the newest evidence may be this old: 90s, 15m, 2h, 7d' },
  type: {
    value: 'TYPE',
    multiple: true,
    help: 'only entries of this type (repeatable; stream_* for all that begin so)',
  },
  from: { value: 'TIME', help: 'only from this time on: 2026-11-20T19:00:00Z' },
  to: { value: 'TIME', help: 'only up to this time' },
  after: { value: 'SEQ', help: 'only after the entry of this number' },
  limit: { value: 'N', help: 'this many entries at most' },
  own: { help: "the log's own entries too (log.…)" },
  proofs: { help: 'with a proof for each entry' },
  json: { help: 'as JSON, for programs' },
  format: { value: 'FORMAT', help: 'html, text or json (default: by the name of --out, else text)' },
  title: { value: 'TEXT', help: 'headline of the report' },
  'time-zone': { value: 'ZONE', help: 'for local times, as Europe/Paris (default: that of this computer)' },
  out: { value: 'FILE', help: 'write here; a file that exists is left as it is' },
  entry: { value: 'FILE', help: 'the line of the entry, where the proof does not carry it' },
  bare: { help: 'leave the line of the entry out of the proof' },
  consistency: {
    value: 'SIZE',
    help: 'prove instead that the log begins with the one that had SIZE entries',
  },
  name: { value: 'NAME', help: 'name of the log or the cosigner the key is for' },
  for: { value: 'USE', help: 'what the key is for: log (default) or cosigner' },
  key: { value: 'FILE', help: "file with the cosigner's secret key, as keygen made it" },
  state: { value: 'FOLDER', help: 'where the cosigner remembers what it has signed' },
  log: { value: 'FOLDER', help: 'folder of the log, to see that it only grew' },
  proof: { value: 'FILE', help: 'proof of consistency instead of the log, as prove --consistency makes it' },
  help: { help: 'this text' },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;

/** What an operator knows of a log beforehand. */
export const TRUST = ['vkey', 'origin', 'trusted', 'cosigner', 'quorum', 'max-age'] as const;
/** Which entries are wanted. */
export const FILTER = ['type', 'from', 'to', 'after', 'limit', 'own'] as const;

/** The arguments of one call, read. Its methods throw CommandError for a value that is none. */
export class Arguments {
  private constructor(
    readonly operands: readonly string[],
    private readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>,
  ) {}

  /**
   * @param names options the command takes
   * @param most operands it takes
   */
  static read(args: readonly string[], names: readonly OptionName[], most: number): Arguments {
    const options = Object.fromEntries(
      [...names, 'help' as const].map((name) => {
        const { value, multiple }: Option = OPTIONS[name];
        const short = name === 'help' ? { short: 'h' } : {};
        return [
          name,
          { type: value ? ('string' as const) : ('boolean' as const), multiple: multiple === true, ...short },
        ];
      }),
    );
    let parsed;
    try {
      parsed = parseArgs({ args: [...args], options, allowPositionals: true, tokens: true });
    } catch (error) {
      throw new CommandError((error as Error).message.split('. ')[0]);
    }
    const seen = new Set<string>();
    for (const token of parsed.tokens) {
      if (token.kind !== 'option') continue;
      const { multiple }: Option = OPTIONS[token.name as OptionName];
      if (seen.has(token.name) && !multiple) throw new CommandError(`--${token.name} is given twice`);
      if (token.value === '') throw new CommandError(`--${token.name} is empty`);
      seen.add(token.name);
    }
    const extra = parsed.positionals[most];
    if (extra !== undefined) throw new CommandError(`"${extra}" is one argument too many`);
    return new Arguments(parsed.positionals, parsed.values);
  }

  flag(name: OptionName): boolean {
    return this.values[name] === true;
  }

  text(name: OptionName): string | null {
    const value = this.values[name];
    return typeof value === 'string' ? value : null;
  }

  texts(name: OptionName): string[] {
    const value = this.values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** The operand in this place. */
  operand(at: number, what: string): string {
    const value = this.operands[at];
    if (value === undefined || value === '') throw new CommandError(`${what} is missing`);
    return value;
  }

  /** A text that has to be there. */
  needed(name: OptionName): string {
    const value = this.text(name);
    if (value === null) throw new CommandError(`--${name} is missing`);
    return value;
  }

  /** A whole number from 0 on. */
  count(name: OptionName): number | undefined {
    const text = this.text(name);
    return text === null ? undefined : wholeNumber(text, `--${name}`);
  }

  /** ms */
  duration(name: OptionName): number | undefined {
    const text = this.text(name);
    if (text === null) return undefined;
    const [, digits = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
    const ms = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
    if (ms === undefined)
      throw new CommandError(`--${name} wants a time as 90s, 15m, 2h or 7d, not "${text}"`);
    return Number(digits) * ms;
  }
}

/** A whole number from 0 on; throws CommandError. */
export function wholeNumber(text: string, what: string): number {
  if (!/^(?:0|[1-9]\d{0,14})$/.test(text))
    throw new CommandError(`${what} wants a whole number, not "${text}"`);
  return Number(text);
}

/** The lines of help on these options. */
export function optionHelp(names: readonly OptionName[]): string {
  const rows = [...names, 'help' as const].map((name) => {
    const { value, help }: Option = OPTIONS[name];
    return [`--${name}${value ? ` ${value}` : ''}`, help] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}\n`).join('');
}
