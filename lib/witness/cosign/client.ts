import { unlessAborted } from '../../connection/deadline';
import { codeOf } from '../../durable/files';
import { LiveError, fail, type ErrorCode, type ErrorDetails } from '../../errors';
import { placeOf } from '../../production/address';
import { KEY_TYPES, parseVerifier, type Verifier } from '../keys';
import { parseNote } from '../note';
import { parseSignatureLines, verifyCosignature } from './cosignature';
import { LateError } from './late';
import { Poster, TooLong, type PostAnswer } from './post';
import { addCheckpointBody } from './request';
import type { CosignerClient } from './types';

/** Some lines of signatures, with room for the large ones to come. */
const MOST_ANSWER_BYTES = 65_536;
/** The first asks for the size, the second has the proof, the third is for one that moved meanwhile. */
const MOST_TRIES = 3;
/** Clocks further apart than this (s) are not set. Source: what Kerberos allows. */
const MOST_CLOCK_SECONDS = 300;
const DEFAULT_TIMEOUT_MS = 10_000;

export interface HttpCosignerOptions {
  /** submission prefix, http or https; it may hold a user and password, or a token: no text shows more of it than host and port */
  url: string;
  /** `name+id+base64` of a key of cosignatures */
  vkey: string;
  /** for everything one checkpoint takes; default 10 s */
  timeoutMs?: number;
  /** ms since 1970 */
  now?: () => number;
}

/**
 * A cosigner that is reached over HTTP. Speaks C2SP tlog-witness; checkpoints go to it one after the other.
 * @throws LiveError WITNESS_COSIGNER_KEY, WITNESS_COSIGNER_ADDRESS
 */
export function httpCosigner(options: HttpCosignerOptions): CosignerClient {
  const verifier = parseVerifier(options.vkey.trim());
  if (verifier?.type !== KEY_TYPES.cosigner)
    throw fail('WITNESS_COSIGNER_KEY', {
      // the text is not repeated: it may be a secret that was put here by mistake
      reason: verifier ? 'it is the key of a log' : 'it does not look like name+1a2b3c4d+base64',
    });
  return new HttpCosigner(verifier, options);
}

class HttpCosigner implements CosignerClient {
  readonly name: string;
  readonly vkey: string;
  private readonly where: string;
  private readonly poster: Poster;
  private readonly timeoutMs: number;
  private readonly now: () => number;
  /** entries it has countersigned, as far as known here; asked for where it is wrong */
  private known = 0;
  /** the largest checkpoint of ours it has taken: nobody needs to wonder why it knows that many */
  private newest = 0;
  private lane: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly verifier: Verifier,
    { url, timeoutMs = DEFAULT_TIMEOUT_MS, now = Date.now }: HttpCosignerOptions,
  ) {
    this.name = verifier.name;
    this.vkey = verifier.text;
    this.timeoutMs = timeoutMs;
    this.now = now;
    const address = addressOf(url, this.name);
    this.where = placeOf(address);
    this.poster = new Poster(address.url, address.headers);
  }

  async cosign(
    note: string,
    size: number,
    proofFrom: (oldSize: number) => Promise<Buffer[]>,
    signal: AbortSignal,
  ): Promise<string> {
    const text = parseNote(note)?.text;
    if (text === undefined) throw new RangeError('this is no signed note');
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), this.timeoutMs);
    timer.unref();
    const stop = (): void => limit.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const began = performance.now();
    const late = (): LiveError => {
      if (signal.aborted && !(signal.reason instanceof LateError))
        return this.fail('WITNESS_COSIGNER_STOPPED');
      const ms = signal.aborted ? performance.now() - began : this.timeoutMs;
      return this.fail('WITNESS_COSIGNER_TIMEOUT', { seconds: Math.round(ms / 10) / 100 });
    };
    const work = this.lane.then(() => this.ask(note, text, size, proofFrom, limit.signal, late));
    this.lane = work.catch(() => undefined);
    try {
      return await unlessAborted(work, limit.signal, late);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  private async ask(
    note: string,
    text: string,
    size: number,
    proofFrom: (oldSize: number) => Promise<Buffer[]>,
    signal: AbortSignal,
    late: () => LiveError,
  ): Promise<string> {
    for (let tries = 1; ; tries++) {
      const old = this.known <= size ? this.known : 0;
      const proof = old > 0 && old < size ? await unlessAborted(proofFrom(old), signal, late) : [];
      if (signal.aborted) throw late();
      const answer = await this.post(addCheckpointBody(old, proof, note), signal, late);
      if (answer.status === 200) return this.take(answer, text, size);
      if (answer.status !== 409) throw this.refused(answer.status, size);
      const told = sizeOf(answer);
      // another root of the very size it knows: today's text wants 422 for it, some cosigners say 409 and nothing more
      if (old === size && answer.body.length === 0) throw this.refused(422, size);
      if (told === null || told === old) throw this.bad('it does not say how much it has seen');
      if (told > size && size < this.newest && told <= this.newest)
        throw this.fail('WITNESS_COSIGNER_OUTDATED', { size });
      if (told > size) throw this.fail('WITNESS_COSIGNER_AHEAD', { known: told, size });
      if (tries === MOST_TRIES)
        throw this.bad('it says something else each time it is asked what it has seen');
      this.known = told;
    }
  }

  private async post(body: string, signal: AbortSignal, late: () => LiveError): Promise<PostAnswer> {
    try {
      return await this.poster.post(body, MOST_ANSWER_BYTES, signal);
    } catch (error) {
      if (signal.aborted) throw late();
      if (error instanceof TooLong) throw this.bad('its answer is too long');
      const code = codeOf(error) || codeOf((error as AggregateError).errors?.[0]);
      if (code.startsWith('HPE_')) throw this.bad('its answer is no HTTP');
      throw this.fail('WITNESS_COSIGNER_UNREACHABLE', { reason: REASONS[code] ?? (code || 'no connection') });
    }
  }

  /** The line of the cosignature, where it is one of this cosigner, over this checkpoint, made now. */
  private take({ body }: PostAnswer, text: string, size: number): string {
    const lines = parseSignatureLines(body.toString('utf8'));
    if (!lines) throw this.bad('its answer is no signature');
    const ours = lines.filter(({ name, id }) => name === this.name && id.equals(this.verifier.id));
    if (ours.length === 0) throw this.bad('it signs with another key');
    for (const { line, signature } of ours) {
      const signed = verifyCosignature(this.verifier, text, signature);
      if (!signed) continue;
      this.known = size;
      this.newest = Math.max(this.newest, size);
      const seconds = Math.round(Math.abs(signed.at - this.now() / 1000));
      if (!(seconds <= MOST_CLOCK_SECONDS)) throw this.fail('WITNESS_COSIGNER_CLOCK', { seconds });
      return line;
    }
    throw this.bad('its signature is wrong');
  }

  private refused(status: number, size: number): LiveError {
    // another begins from what it says it knows, should the log be mended
    this.known = 0;
    if (status === 422) return this.fail('WITNESS_COSIGNER_REFUSED', { size });
    if (status === 404 || status === 403) return this.fail('WITNESS_COSIGNER_UNKNOWN_LOG', { status });
    if (status >= 500) return this.fail('WITNESS_COSIGNER_FAILED', { status });
    if (status >= 300 && status < 400) return this.bad('it sends us elsewhere, which is not followed');
    return this.bad(`it answers with HTTP ${status}`);
  }

  private bad(reason: string): LiveError {
    return this.fail('WITNESS_COSIGNER_BAD_ANSWER', { reason });
  }

  private fail(code: ErrorCode, details: ErrorDetails = {}): LiveError {
    return fail(code, { name: this.name, where: this.where, ...details });
  }
}

/** What is wrong on the way, in words; certificates among it. */
const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOTFOUND: 'there is no computer of this name',
  EAI_AGAIN: 'the name could not be looked up',
  ETIMEDOUT: 'nothing answers there',
  EHOSTUNREACH: 'there is no way to that computer',
  ENETUNREACH: 'there is no way to that network',
  EPROTO: 'it does not speak TLS, or another version of it',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'nobody vouches for its certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'nobody vouches for its certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'nobody vouches for its certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'nobody vouches for its certificate',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

interface Address {
  url: URL;
  headers: Record<string, string>;
  host: string;
  port: number;
}

function addressOf(text: string, name: string): Address {
  const unusable = (reason: string): LiveError => fail('WITNESS_COSIGNER_ADDRESS', { name, reason });
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw unusable('it does not look like https://host/path');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw unusable('it has to begin with http or https');
  const headers: Record<string, string> = {};
  if (url.username || url.password) {
    try {
      const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
      headers.Authorization = `Basic ${Buffer.from(user).toString('base64')}`;
    } catch {
      throw unusable('the user or password in it is not encoded as in an address');
    }
    url.username = '';
    url.password = '';
  }
  url.hash = '';
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = path.endsWith('/add-checkpoint') ? path : `${path}/add-checkpoint`;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { url, headers, host, port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80) };
}

function sizeOf({ body }: PostAnswer): number | null {
  const [, digits] = /^(0|[1-9][0-9]{0,15})\n?$/.exec(body.toString('latin1')) ?? [];
  return digits !== undefined && Number.isSafeInteger(Number(digits)) ? Number(digits) : null;
}
