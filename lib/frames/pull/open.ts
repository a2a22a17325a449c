import type { Kept } from '../../connection/lease';
import { fail } from '../../errors';
import { playAddress } from '../../media-servers/play-address';
import type { MediaServerClient } from '../../media-servers/types';
import type { Release } from '../../production/application';
import type { CaptureSource } from '../capture';
import { FramesOf } from '../source';
import { type PullSettings, PulledStream } from './pulled';
import { ServerPulls } from './server';

/** What nobody wants any more goes on for so long: a deploy starts no pull anew. */
const LINGER_MS = 10_000;
/** How often the names of a server's streams are looked at; they are read every 3 s. */
const LOOK_MS = 1_000;

export interface ServerSettings {
  apps: readonly string[];
  /** where a player finds a stream, `{app}` and `{stream}` in it */
  playAddress: string;
  ffmpegPath: string | null;
}

type Asked = Pick<MediaServerClient, 'list'>;

/** The pictures of what is published to a media server, which is pulled from it. */
export class OpenServer implements CaptureSource, Kept {
  readonly frames: FramesOf;
  private readonly pulls: ServerPulls;
  private readonly asked: Asked[] = [];
  private readonly lingering = new Map<NodeJS.Timeout, Release>();

  constructor({ apps, playAddress: template, ffmpegPath }: ServerSettings) {
    const client: Asked = {
      list: async (ms) => {
        const one = this.asked.at(-1);
        if (!one) throw fail('INTERNAL', { reason: 'nobody asks the media server any more' });
        return await one.list(ms);
      },
    };
    const addressOf = (publisher: { app: string; stream: string }) => playAddress(template, publisher);
    this.pulls = new ServerPulls(client, { addressOf, apps, ffmpegPath });
    this.frames = new FramesOf(this.pulls, { ffmpegPath });
  }

  /** The server is asked by this client from now on; the newest of several asks. */
  askedBy(client: Asked): Release {
    this.asked.push(client);
    return () => {
      const at = this.asked.indexOf(client);
      if (at >= 0) this.asked.splice(at, 1);
    };
  }

  streams(): string[] {
    return this.pulls.streams();
  }

  onStreams(listener: () => void): Release {
    let before = '';
    const timer = setInterval(() => {
      const streams = this.streams();
      const state = `${streams.join('/')} ${this.fault(null)?.message} ${streams.map((one) => this.fault(one)?.message).join()}`;
      if (state === before) return;
      before = state;
      listener();
    }, LOOK_MS);
    timer.unref();
    return () => clearInterval(timer);
  }

  /** Why there is nothing: of the server, or of one of its streams. */
  fault(stream: string | null): Error | null {
    return this.pulls.fault ?? (stream === null ? null : (this.pulls.status(stream)?.fault ?? null));
  }

  want(stream: string): Release {
    const release = this.pulls.want(stream);
    return () => {
      const timer = setTimeout(() => {
        this.lingering.delete(timer);
        release();
      }, LINGER_MS);
      timer.unref();
      this.lingering.set(timer, release);
    };
  }

  /** Resolves when no child is left. */
  async close(): Promise<void> {
    for (const timer of this.lingering.keys()) clearTimeout(timer);
    this.lingering.clear();
    await Promise.all([this.frames.close(), this.pulls.close()]);
  }
}

/** The pictures of what is read from one address. */
export class OpenAddress implements CaptureSource, Kept {
  readonly frames: FramesOf;
  private readonly pull: PulledStream;
  private readonly stream: string;

  constructor(settings: PullSettings) {
    this.stream = settings.stream;
    this.pull = new PulledStream(settings);
    this.frames = new FramesOf(this.pull, { ffmpegPath: settings.ffmpegPath });
  }

  streams(): string[] {
    return [this.stream];
  }

  onStreams(listener: () => void): Release {
    return this.pull.onStatus(() => listener());
  }

  fault(): Error | null {
    return this.pull.status().fault;
  }

  want(): Release {
    return () => undefined;
  }

  /** Resolves when no child is left. */
  async close(): Promise<void> {
    await Promise.all([this.frames.close(), this.pull.close()]);
  }
}
