import { LiveError } from '../../errors';
import { type HourContent, loadHour, spoiled, unreadable } from './hour';
import type { Hours } from './find';
import { smallBytesIn } from './pictures';
import type { StreamFiles } from './stream';
import { type Summary, readSummary, stateOf, summaryOf, lastUntil } from './summary';
import type { FrameAnswer } from './types';

/** Pictures of closed hours whose lines are kept in memory: some 60 MB. */
const MOST_CACHED = 100_000;

interface Cached {
  content: HourContent;
  changedMs: number;
}

/** What a summary tells, of an hour that grows too. */
export type Known = Omit<Summary, 'runs' | 'changedMs' | 'parquet'>;

/** The streams of a store and their hours, with the lines that were read lately. */
export class Catalog {
  readonly all = new Map<string, StreamFiles>();
  private readonly cache = new Map<string, Cached>();
  private cached = 0;

  /** What a question needs, and what of it could not be read. */
  reading(): { hours: Hours; unreadable: FrameAnswer['unreadable'] } {
    const told: FrameAnswer['unreadable'] = [];
    const tell = (stream: string, hour: number, reason: string): void => {
      const name = new Date(hour).toISOString().slice(0, 13);
      if (!told.some((one) => one.stream === stream && one.hour === name))
        told.push({ stream, hour: name, reason });
    };
    const hours: Hours = {
      streams: () => this.all.keys(),
      hoursOf: (stream) => this.all.get(stream)?.hours ?? [],
      read: async (stream, hour) => {
        try {
          const content = await this.content(stream, hour);
          const reason = content && spoiled(content);
          if (reason) tell(stream, hour, reason);
          return content;
        } catch (error) {
          tell(stream, hour, unreadable(error));
          return null;
        }
      },
    };
    return { hours, unreadable: told };
  }

  /**
   * The lines of an hour; null where the stream has no such hour (any more).
   * @throws the file system's error
   */
  async content(stream: string, hour: number): Promise<HourContent | null> {
    const files = this.all.get(stream);
    if (!files?.hours.has(hour)) return null;
    if (files.content?.hour === hour) return files.content;
    const key = `${stream}/${hour}`;
    const { size, changedMs } = await stateOf(files.folder(hour));
    const known = this.cache.get(key);
    if (known?.content.size === size && known.changedMs === changedMs) {
      // the one used last goes last
      this.cache.delete(key);
      this.cache.set(key, known);
      return known.content;
    }
    const content = await loadHour(files.root, stream, hour);
    // it may have grown, or gone, meanwhile
    if (files.content?.hour !== hour && files.hours.has(hour)) this.keep(key, { content, changedMs });
    return content;
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
    const key = `${stream}/${hour}`;
    this.cached -= this.cache.get(key)?.content.frames.length ?? 0;
    this.cache.delete(key);
  }

  private keep(key: string, cached: Cached): void {
    this.cached -= this.cache.get(key)?.content.frames.length ?? 0;
    this.cache.delete(key);
    this.cache.set(key, cached);
    this.cached += cached.content.frames.length;
    for (const [oldest, { content }] of this.cache) {
      if (this.cached <= MOST_CACHED || oldest === key) return;
      this.cached -= content.frames.length;
      this.cache.delete(oldest);
    }
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
