import type { Api } from './api';
import { publisherAt, type MediaServerReader } from './reader';
import type { KickOutcome, Publisher } from './types';
import { fieldOf, isObject, jsonOf, nameOf } from './values';

const LIST = 'the list of its streams';
const KICK = 'ending a publisher';
/** ERROR_RTMP_CLIENT_NOT_FOUND of the SRS inside. */
const GONE = 2049;
const DEFAULT_VHOST = '__defaultVhost__';

/** The management API of Oryx, on port 2022, with its token. */
export class OryxReader implements MediaServerReader {
  readonly kind = 'oryx';
  readonly apis: readonly Api[];
  /** a kick names the virtual host as the list does */
  private readonly vhosts = new Map<string, string>();

  constructor(
    private readonly api: Api,
    private readonly base: string,
  ) {
    this.apis = [api];
  }

  async read(): Promise<{ publishers: Publisher[]; serverRun: string | null }> {
    const answer = await this.ask('/terraform/v1/mgmt/streams/query', {}, LIST);
    // with nobody there Go writes null for the list
    const streams = fieldOf(answer, 'data', 'streams') ?? [];
    if (!Array.isArray(streams)) throw this.api.unfit('it lists no streams');
    this.vhosts.clear();
    let serverRun: string | null = null;
    const publishers = streams.flatMap((stream: unknown) => {
      const [app, name] = [nameOf(fieldOf(stream, 'app')), nameOf(fieldOf(stream, 'stream'))];
      if (app === null || name === null) return [];
      serverRun ??= nameOf(fieldOf(stream, 'server_id'));
      const vhost = nameOf(fieldOf(stream, 'vhost'));
      if (vhost !== null) this.vhosts.set(JSON.stringify([app, name]), vhost);
      return [publisherAt(app, name, nameOf(fieldOf(stream, 'client_id')))];
    });
    return { publishers, serverRun };
  }

  /** Oryx ends by name only; whoever calls this has looked a moment ago whose connection it is. */
  async end({ app, stream }: Publisher): Promise<KickOutcome> {
    const vhost = this.vhosts.get(JSON.stringify([app, stream])) ?? DEFAULT_VHOST;
    const path = '/terraform/v1/mgmt/streams/kickoff';
    const answer = await this.ask(path, { vhost, app, stream }, KICK, true);
    return fieldOf(answer, 'code') === GONE ? 'absent' : 'kicked';
  }

  async version(): Promise<string | null> {
    const answer = await this.ask('/terraform/v1/mgmt/versions', {}, 'the question for its version');
    return nameOf(fieldOf(answer, 'data', 'version'));
  }

  private async ask(path: string, json: object, action: string, goneIsFine = false): Promise<unknown> {
    const { body } = await this.api.ask({ method: 'POST', path: this.base + path, json, action });
    const answer = jsonOf(body);
    if (!isObject(answer)) throw this.api.unfit('it answers with something else than JSON');
    const code = fieldOf(answer, 'code');
    if (typeof code !== 'number') throw this.api.unfit('its answer has no code');
    if (code !== 0 && !(goneIsFine && code === GONE)) throw this.api.failed(action, `code ${code}`);
    return answer;
  }
}
