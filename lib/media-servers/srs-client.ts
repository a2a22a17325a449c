import type { Api } from './api';
import { publisherAt, type MediaServerReader } from './reader';
import type { KickOutcome, MediaServerKind, Publisher } from './types';
import { fieldOf, isObject, jsonOf, nameOf, numberOf } from './values';

const LIST = 'the list of its streams';
const KICK = 'ending a publisher';
/** SRS gives max(10, count) at a time; a page of a hundred is 60 kB. */
const PAGE = 100;
/** Ten thousand streams; whoever answers more has no end. */
const MOST_PAGES = 100;
/** ERROR_RTMP_CLIENT_NOT_FOUND: gone already. */
const GONE = 2049;

/** The HTTP API of SRS 5 to 7, on port 1985. */
export class SrsReader implements MediaServerReader {
  readonly apis: readonly Api[];

  constructor(
    readonly kind: MediaServerKind,
    private readonly api: Api,
    private readonly base: string,
  ) {
    this.apis = [api];
  }

  async read(): Promise<{ publishers: Publisher[]; serverRun: string | null }> {
    const publishers: Publisher[] = [];
    let serverRun: string | null = null;
    for (let page = 0, start = 0; page < MOST_PAGES; page++) {
      const answer = await this.ask(`/api/v1/streams/?start=${start}&count=${PAGE}`, LIST);
      const streams = fieldOf(answer, 'streams');
      if (!Array.isArray(streams)) throw this.api.unfit('it lists no streams');
      serverRun = runOf(answer);
      for (const stream of streams) {
        const publisher = publisherOf(stream);
        if (publisher) publishers.push(publisher);
      }
      if (streams.length < PAGE) break;
      start += streams.length;
    }
    return { publishers, serverRun };
  }

  async end({ clientId }: Publisher): Promise<KickOutcome> {
    if (clientId === null) throw this.api.failed(KICK, 'it does not tell which connection is his');
    const path = `${this.base}/api/v1/clients/${encodeURIComponent(clientId)}`;
    const { status, body } = await this.api.ask({ method: 'DELETE', path, action: KICK, absent: true });
    const code = fieldOf(jsonOf(body), 'code');
    if (code === GONE || (status === 404 && code !== 0)) return 'absent';
    if (code !== 0) throw this.refused(code, KICK);
    return 'kicked';
  }

  async version(): Promise<string | null> {
    const answer = await this.ask('/api/v1/versions', 'the question for its version');
    return nameOf(fieldOf(answer, 'data', 'version'));
  }

  private async ask(path: string, action: string): Promise<unknown> {
    const { body } = await this.api.ask({ path: this.base + path, action });
    const answer = jsonOf(body);
    if (!isObject(answer)) throw this.api.unfit('it answers with something else than JSON');
    const code = fieldOf(answer, 'code');
    if (code !== 0) throw this.refused(code, action);
    return answer;
  }

  private refused(code: unknown, action: string) {
    return typeof code === 'number'
      ? this.api.failed(action, `code ${code}`)
      : this.api.unfit('its answer has no code');
  }
}

/**
 * `service` is made anew with each start (SrsStatistic::service_id); before 5.0.142 there is none. `server` is kept in a file over
 * starts, and `pid` is the same in a container.
 */
function runOf(answer: unknown): string | null {
  const parts = ['server', 'service', 'pid'].map((name) => fieldOf(answer, name));
  return parts.filter((part) => typeof part === 'string' || typeof part === 'number').join(':') || null;
}

/** One stream of the list, or null where nobody publishes it: SRS keeps a stream for a while after its publisher has gone. */
function publisherOf(stream: unknown): Publisher | null {
  const [app, name] = [nameOf(fieldOf(stream, 'app')), nameOf(fieldOf(stream, 'name'))];
  if (app === null || name === null || fieldOf(stream, 'publish', 'active') !== true) return null;
  const bytesIn = numberOf(fieldOf(stream, 'recv_bytes'));
  const frames = numberOf(fieldOf(stream, 'frames'));
  const kbps = numberOf(fieldOf(stream, 'kbps', 'recv_30s'));
  const clients = numberOf(fieldOf(stream, 'clients'));
  const [video, audio] = [fieldOf(stream, 'video'), fieldOf(stream, 'audio')];
  return {
    ...publisherAt(app, name, nameOf(fieldOf(stream, 'publish', 'cid'))),
    bytesIn,
    // both are 0 for the first seconds, while bytes come in
    frames: frames === 0 ? null : frames,
    bitrateKbps: kbps === 0 ? null : kbps,
    // its count has the publisher in it
    readers: clients === null ? null : Math.max(0, clients - 1),
    video: isObject(video)
      ? {
          codec: nameOf(video.codec),
          width: numberOf(video.width),
          height: numberOf(video.height),
          fps: null,
        }
      : null,
    audio: isObject(audio)
      ? {
          codec: nameOf(audio.codec),
          sampleRateHz: numberOf(audio.sample_rate),
          channels: numberOf(audio.channel),
        }
      : null,
  };
}
