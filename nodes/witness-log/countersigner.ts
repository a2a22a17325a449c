import { join } from 'node:path';
import { Backoff } from '../../lib/connection/backoff';
import { pause } from '../../lib/connection/deadline';
import type { Kept } from '../../lib/connection/lease';
import { asLiveError, type LiveError } from '../../lib/errors';
import { CosignListener } from '../../lib/witness/cosign/listener';
import { CosignerService, type CosignedLog } from '../../lib/witness/cosign/service';
import type { Signer } from '../../lib/witness/keys';

export interface CountersignerOptions {
  host: string;
  port: number;
  /** public keys of the logs it countersigns */
  logs: readonly string[];
  signer: Signer;
  /** what it has signed so far is remembered below */
  stateFolder: string;
  /** resolves when the key survives a crash */
  saved: () => Promise<void>;
}

export type CountersignerState = 'opening' | 'open' | 'failed';

/** Ports that are just being given back: the next one waits. */
const closing = new Map<string, Promise<void>>();

/** Countersigns the checkpoints of other logs on a port of its own; it tries again for as long as it cannot. */
export class Countersigner implements Kept {
  state: CountersignerState = 'opening';
  error: LiveError | null = null;
  private service: CosignerService | null = null;
  private listener: CosignListener | null = null;
  private readonly stop = new AbortController();
  private readonly opening: Promise<void>;

  /** `warn` hears each fault once, and every log that shows two histories. */
  constructor(
    private readonly options: CountersignerOptions,
    private readonly warn: (what: LiveError | string) => void,
  ) {
    this.opening = this.keepOpening();
  }

  /** What was countersigned last, of each log. */
  logs(): readonly CosignedLog[] {
    return this.service?.logs() ?? [];
  }

  close(): Promise<void> {
    this.stop.abort();
    const { place } = this;
    const closed = this.opening
      .then(() => this.listener?.close())
      .finally(() => {
        if (closing.get(place) === closed) closing.delete(place);
      });
    closing.set(place, closed);
    return closed;
  }

  private get place(): string {
    return `${this.options.host}:${this.options.port}`;
  }

  private async keepOpening(): Promise<void> {
    const backoff = new Backoff();
    await closing.get(this.place);
    while (!this.stop.signal.aborted) {
      try {
        await this.open();
        return;
      } catch (error) {
        const fault = asLiveError(error);
        if (fault.code !== this.error?.code) this.warn(fault);
        this.state = 'failed';
        this.error = fault;
      }
      await pause(backoff.next(), this.stop.signal);
    }
  }

  private async open(): Promise<void> {
    const { signer, logs, stateFolder, port, host, saved } = this.options;
    await saved();
    const service = await CosignerService.open({
      signer,
      logs,
      // by the key, not by the node: what a key has signed is remembered wherever its node is moved, and no two sign with it
      stateFolder: join(stateFolder, `cosigner-${signer.verifier.id.toString('hex')}`),
    });
    service.onNews((news) => {
      if (news.what === 'failed') this.warn(news.error);
      if (news.what === 'refused')
        this.warn(
          `A checkpoint of ${news.origin} over ${news.size} entries was not countersigned: ${news.reason}${
            news.file ? `. It is kept beside the one that was, in ${news.file}` : ''
          }`,
        );
    });
    this.listener = await CosignListener.open(service, { port, host });
    this.service = service;
    this.state = 'open';
    this.error = null;
  }
}
