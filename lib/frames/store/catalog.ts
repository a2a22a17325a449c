import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { LiveError } from '../../errors';
import type { Hours } from './find';
import { type HourContent, spoiled } from './hour';
import { HourFile, type HourSoFar, unreadable } from './hour-file';
import { INDEX, hourName } from './layout';
import { smallBytesIn } from './pictures';
import type { StreamFiles } from './stream';
import { type IndexState, type Summary, readSummary, stateOf, summaryOf, lastUntil } from './summary';
import type { FrameAnswer } from './types';

/** Pictures of closed hours whose lines are kept in memory: some 70 MB. */
const MOST_CACHED = 100_000;

interface Cached {
  file: HourFile;
  state: IndexState;
}

/** What a summary tells, of an hour that grows too. */
export type Known = Omit<Summary, 'runs' | 'changedMs' | 'ordered' | 'parquet'>;

/** The streams of a store and their hours, with the lines that were read lately. */
export class Catalog {
  readonly all = new Map<string, StreamFiles>();
  private readonly cache = new Map<string, Cached>();

  /** What a question needs, and what of it could not be read. */
  reading(): { hours: Hours; unreadable: FrameAnswer['unreadable'] } {
    const told: FrameAnswer['unreadable'] = [];
    const tell = (stream: string, hour: number, reason: string): void => {
      const name = hourName(hour);
      if (!told.some((one) => one.stream === stream && one.hour === name))
        told.push({ stream, hour: name, reason });
    };
    const begin = async (stream: string, hour: number): Promise<HourSoFar | null> => {
      const tellHour = (reason: string): void => {
        // retention may have removed it meanwhile
        if (this.all.get(stream)?.hours.has(hour)) tell(stream, hour, reason);
      };
      try {
        const file = await this.file(stream, hour);
        return file && new ToldHour(file, tellHour);
      } catch (error) {
        tellHour(unreadable(error));
        return null;
      }
    };
    const hours: Hours = {
      streams: () => this.all.keys(),
      hoursOf: (stream) => this.all.get(stream)?.hours ?? [],
      begin,
      read: async (stream, hour) => {
        const file = await begin(stream, hour);
        while (file && !file.done) await file.more();
        return file && file.content;
      },
    };
    return { hours, unreadable: told };
  }

  /**
   * The lines of an hour; null where the stream has no such hour (any more).
   * @throws the file system's error
   */
  async content(stream: string, hour: number): Promise<HourContent | null> {
    const file = await this.file(stream, hour);
    while (file && !file.done) await file.more();
    return file && file.content;
  }

  /** The same, as far as it was read. @throws the file system's error */
  private async file(stream: string, hour: number): Promise<HourSoFar | null> {
    const files = this.all.get(stream);
    if (!files?.hours.has(hour)) return null;
    if (files.content?.hour === hour) return grown(files.content);
    const key = `${stream}/${hour}`;
    const folder = files.folder(hour);
    const [state, summary] = await Promise.all([
      stateOf(folder),
      files.summaries.get(hour) ?? readSummary(folder),
    ]);
    const known = this.cache.get(key);
    // the one used last goes last
    this.cache.delete(key);
    if (known && isDeepStrictEqual(known.state, state)) {
      this.cache.set(key, known);
      return known.file;
    }
    const ordered =
      summary?.ordered === true && summary.size === state.size && summary.changedMs === state.changedMs;
    const file = new HourFile(join(folder, INDEX), stream, hour, { ordered });
    // it may have grown, or gone, meanwhile
    if (files.content?.hour !== hour && files.hours.has(hour)) this.cache.set(key, { file, state });
    this.trim(key);
    return file;
  }

  /** What is known of an hour without its lines, where there is a summary; made of its lines otherwise. Null where it cannot be read. */
  async known(stream: string, hour: number): Promise<Known | null> {
    const files = this.all.get(stream);
    if (!files?.hours.has(hour)) return null;
    if (files.content?.hour === hour) return knownOf(files.content);
    const summary = files.summaries.get(hour) ?? (await readSummary(files.folder(hour)));
    if (summary) {
      if (files.hours.has(hour) && files.content?.hour !== hour) files.summaries.set(hour, summary);
      return summary;
    }
    const content = await this.content(stream, hour).catch(() => null);
    if (content) content.small ??= await smallBytesIn(files.folder(hour));
    return content && knownOf(content);
  }

  /** The lines of an hour changed. */
  forget(stream: string, hour: number): void {
    this.cache.delete(`${stream}/${hour}`);
  }

  /** Files grow while they are read, so they are counted anew each time. */
  private trim(newest: string): void {
    let pictures = 0;
    for (const { file } of this.cache.values()) pictures += file.content.frames.length;
    for (const [oldest, { file }] of this.cache) {
      if (pictures <= MOST_CACHED || oldest === newest) return;
      pictures -= file.content.frames.length;
      this.cache.delete(oldest);
    }
  }
}

/** The hour that grows: all of it is known. */
function grown(content: HourContent): HourSoFar {
  return { content, done: true, more: () => Promise.resolve() };
}

/** An hour of which is said what cannot be read. Its `more` never rejects. */
class ToldHour implements HourSoFar {
  private failed = false;

  constructor(
    private readonly file: HourSoFar,
    private readonly tell: (reason: string) => void,
  ) {
    this.look();
  }

  get content(): HourContent {
    return this.file.content;
  }

  get done(): boolean {
    return this.failed || this.file.done;
  }

  async more(): Promise<void> {
    try {
      await this.file.more();
    } catch (error) {
      this.failed = true;
      this.tell(unreadable(error));
    }
    this.look();
  }

  private look(): void {
    const reason = spoiled(this.content);
    if (reason) this.tell(reason);
  }
}

function knownOf(content: HourContent): Known {
  const whole = summaryOf({ ...content, badLines: 0 }, 0, null)!;
  return { ...whole, until: lastUntil(content.frames) };
}

/** The reason of a failed write, for a sentence. */
export function whyNot(error: unknown, reason: (error: unknown) => string): string {
  if (!(error instanceof LiveError)) return reason(error);
  const said = error.details.reason;
  return typeof said === 'string' ? said : error.message.replace(/\.$/, '');
}
