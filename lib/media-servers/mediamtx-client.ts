import type { Api } from './api';
import { split } from './mediamtx';
import { publisherAt, type MediaServerReader } from './reader';
import type { KickOutcome, Publisher } from './types';
import { fieldOf, isObject, jsonOf, listOf, nameOf, numberOf } from './values';

const LIST = 'the list of its paths';
const KICK = 'ending a publisher';
const PAGE = 100;
const MOST_PAGES = 100;
/** Where a connection of each kind is ended. What is not among them is no publisher from outside, but something MediaMTX fetches itself. */
const KICKED_AT: ReadonlyMap<string, string> = new Map([
  ['rtmpConn', 'rtmpconns'],
  ['rtmpsConn', 'rtmpsconns'],
  ['srtConn', 'srtconns'],
  ['rtspSession', 'rtspsessions'],
  ['rtspsSession', 'rtspssessions'],
  ['webRTCSession', 'webrtcsessions'],
  ['moqSession', 'moqsessions'],
]);

/** The API of MediaMTX, on port 9997; off until its configuration says `api: yes`. */
export class MediamtxReader implements MediaServerReader {
  readonly kind = 'mediamtx';
  readonly apis: readonly Api[];
  /** where each client id of the latest list is ended */
  private kicks = new Map<string, string>();

  constructor(
    private readonly api: Api,
    private readonly base: string,
  ) {
    this.apis = [api];
  }

  async read(): Promise<{ publishers: Publisher[]; serverRun: string | null }> {
    const [publishers, info] = await Promise.all([this.paths(), this.info()]);
    return { publishers, serverRun: nameOf(fieldOf(info, 'started')) };
  }

  async end({ clientId }: Publisher): Promise<KickOutcome> {
    const at = clientId === null ? undefined : this.kicks.get(clientId);
    if (clientId === null || at === undefined)
      throw this.api.failed(KICK, 'it does not tell which connection is his');
    const path = `${this.base}/v3/${at}/kick/${encodeURIComponent(clientId)}`;
    const { status } = await this.api.ask({ method: 'POST', path, action: KICK, absent: true });
    return status === 404 ? 'absent' : 'kicked';
  }

  async version(): Promise<string | null> {
    return nameOf(fieldOf(await this.info(), 'version'));
  }

  private async paths(): Promise<Publisher[]> {
    const publishers: Publisher[] = [];
    const kicks = new Map<string, string>();
    for (let page = 0, pages = 1; page < Math.min(pages, MOST_PAGES); page++) {
      const path = `${this.base}/v3/paths/list?page=${page}&itemsPerPage=${PAGE}`;
      const { body, dateMs } = await this.api.ask({ path, action: LIST });
      const answer = jsonOf(body);
      const items = fieldOf(answer, 'items');
      if (!isObject(answer) || (!Array.isArray(items) && items !== null))
        throw this.api.unfit('it lists no paths');
      pages = numberOf(answer.pageCount) ?? 1;
      for (const item of listOf(items)) {
        const publisher = publisherOf(item, dateMs);
        if (!publisher) continue;
        publishers.push(publisher);
        const at = KICKED_AT.get(nameOf(fieldOf(item, 'source', 'type')) ?? '');
        if (publisher.clientId !== null && at !== undefined) kicks.set(publisher.clientId, at);
      }
    }
    this.kicks = kicks;
    return publishers;
  }

  /** Null before version 1.13, which has no such page. */
  private async info(): Promise<unknown> {
    const path = `${this.base}/v3/info`;
    const { status, body } = await this.api.ask({
      path,
      action: 'the question for its version',
      absent: true,
    });
    return status === 404 ? null : jsonOf(body);
  }
}

/** One path of the list, or null where nobody publishes to it from outside. Names before version 1.15 are read as well. */
function publisherOf(item: unknown, dateMs: number | null): Publisher | null {
  const path = nameOf(fieldOf(item, 'name'));
  const type = nameOf(fieldOf(item, 'source', 'type'));
  const first = (...names: string[]) =>
    names.map((name) => fieldOf(item, name)).find((value) => value !== undefined);
  // `online` rather than `available`: a path can be kept available without anybody
  if (
    path === null ||
    type === null ||
    !KICKED_AT.has(type) ||
    first('online', 'available', 'ready') !== true
  )
    return null;
  const { app, name } = split(path);
  const since = Date.parse(nameOf(first('onlineTime', 'availableTime', 'readyTime')) ?? '');
  const tracks =
    listOf(fieldOf(item, 'tracks2')).length > 0 ? fieldOf(item, 'tracks2') : fieldOf(item, 'tracks');
  const readers = fieldOf(item, 'readers');
  return {
    ...publisherAt(app, name, nameOf(fieldOf(item, 'source', 'id'))),
    sinceMs: dateMs === null || Number.isNaN(since) ? null : Math.max(0, dateMs - since),
    bytesIn: numberOf(first('inboundBytes', 'bytesReceived')),
    readers: Array.isArray(readers) ? readers.length : null,
    ...codecsOf(listOf(tracks)),
  };
}

const VIDEO = /^(AV1|VP[89]|H26[45]|MPEG-1\/2 Video|MPEG-4 Video|M-JPEG)$/i;

function codecsOf(tracks: readonly unknown[]): Pick<Publisher, 'video' | 'audio'> {
  const named = tracks.map((track) => ({
    codec: nameOf(isObject(track) ? fieldOf(track, 'codec') : track),
    props: fieldOf(track, 'codecProps'),
  }));
  const video = named.find(({ codec }) => codec !== null && VIDEO.test(codec));
  const audio = named.find(({ codec }) => codec !== null && !VIDEO.test(codec) && codec !== 'Generic');
  const figure = (one: { props: unknown }, name: string) => numberOf(fieldOf(one.props, name));
  return {
    video: video
      ? { codec: video.codec, width: figure(video, 'width'), height: figure(video, 'height'), fps: null }
      : null,
    audio: audio
      ? {
          codec: audio.codec,
          sampleRateHz: figure(audio, 'sampleRate'),
          channels: figure(audio, 'channelCount'),
        }
      : null,
  };
}
