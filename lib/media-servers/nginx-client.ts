import { now } from '../connection/clock';
import { fail } from '../errors';
import type { Api } from './api';
import { readStat, type Stat } from './nginx-stat';
import type { MediaServerReader } from './reader';
import type { KickOutcome, Publisher } from './types';

const LIST = 'the page of its statistics';
const KICK = 'ending a publisher';
/** Nobody publishes there: the control answers with 0, and one that is none does not. */
const NOBODY = { app: 'nobody', name: 'live-production-test' };

/** One address of nginx-rtmp: its connection, and the path with what stands behind it. */
export interface Place {
  api: Api;
  path: string;
}

/** The statistics page of nginx-rtmp, and its control. */
export class NginxReader implements MediaServerReader {
  readonly kind = 'nginx-rtmp';
  readonly apis: readonly Api[];

  constructor(
    private readonly stat: Place,
    private readonly control: Place | null,
  ) {
    this.apis = [stat.api, ...(control ? [control.api] : [])];
  }

  async read(): Promise<{ publishers: Publisher[]; serverRun: string | null }> {
    const { publishers, pid, uptimeS } = await this.look();
    // in a container the process has the same number after each start
    const began = uptimeS === null ? '' : `@${Math.max(0, Math.round(now() / 1000 - uptimeS))}`;
    return { publishers, serverRun: pid === null ? null : pid + began };
  }

  async end({ app, stream, clientId }: Publisher): Promise<KickOutcome> {
    if (clientId === null) throw this.stat.api.failed(KICK, 'it does not tell which connection is his');
    return (await this.drop({ app, name: stream, clientid: clientId })) > 0 ? 'kicked' : 'absent';
  }

  /** Tries the control too: whoever is to be kicked one day needs it. */
  async version(): Promise<string | null> {
    const { version } = await this.look();
    if (this.control) await this.drop(NOBODY);
    return version;
  }

  private async look(): Promise<Stat> {
    const { api, path } = this.stat;
    const { body } = await api.ask({ path: path || '/', action: LIST });
    const stat = readStat(body);
    if (typeof stat === 'string') throw api.unfit(stat);
    return stat;
  }

  /** How many it dropped. */
  private async drop(whom: Record<string, string>): Promise<number> {
    if (!this.control) throw fail('MEDIA_SERVER_NO_API', { action: KICK });
    const { api, path } = this.control;
    const query = new URLSearchParams(whom).toString().replaceAll('+', '%20');
    const { body } = await api.ask({ path: `${path}/drop/publisher?${query}`, action: KICK });
    if (!/^\d{1,9}\s*$/.test(body)) throw api.unfit('it is not the control of nginx-rtmp');
    return Number(body);
  }
}
