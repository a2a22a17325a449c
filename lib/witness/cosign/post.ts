import {
  Agent as HttpAgent,
  request as requestHttp,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { codeOf } from '../../durable/files';

/** An idle connection is let go after this long (ms), a little more than the usual time between two checkpoints. */
const IDLE_MS = 15_000;
const MOST_HEADER_BYTES = 8_192;

export interface PostAnswer {
  status: number;
  contentType: string;
  body: Buffer;
}

/** The answer was longer than asked for. */
export class TooLong extends Error {}

/** Posts to one address, over a connection that is kept between two requests. */
export class Poster {
  private readonly agent: HttpAgent;

  /** @param headers for every request, `Authorization` for one */
  constructor(
    private readonly url: URL,
    private readonly headers: Readonly<Record<string, string>>,
  ) {
    const options = { keepAlive: true, maxSockets: 1, timeout: IDLE_MS, scheduling: 'lifo' as const };
    this.agent = url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /**
   * Post a text and read the whole answer. Redirects are answers like any other.
   * @param most bytes of the answer
   * @param signal ends it at any moment: there is no deadline beside it
   * @throws TooLong, or the system's or parser's error, AbortError for one
   */
  async post(body: string, most: number, signal: AbortSignal): Promise<PostAnswer> {
    try {
      return await this.once(body, most, signal);
    } catch (error) {
      // the other side has closed the kept connection just as it was used again: it knows nothing of this request
      if (!(error instanceof Stale) || signal.aborted) throw error;
      return await this.once(body, most, signal);
    }
  }

  private once(body: string, most: number, signal: AbortSignal): Promise<PostAnswer> {
    return new Promise((resolve, reject) => {
      const bytes = Buffer.from(body);
      const options: RequestOptions = {
        method: 'POST',
        agent: this.agent,
        signal,
        maxHeaderSize: MOST_HEADER_BYTES,
        headers: {
          ...this.headers,
          'Content-Type': 'text/plain; charset=utf-8',
          'Content-Length': bytes.length,
        },
      };
      const send = this.url.protocol === 'https:' ? requestHttps : requestHttp;
      const request = send(this.url, options, (response) => {
        read(response, most).then(resolve, reject);
      });
      request.on('error', (error) => {
        const cut = codeOf(error) === 'ECONNRESET' || codeOf(error) === 'EPIPE';
        reject(request.reusedSocket && cut ? new Stale() : error);
      });
      request.end(bytes);
    });
  }
}

class Stale extends Error {}

function read(response: IncomingMessage, most: number): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    response.on('data', (part: Buffer) => {
      length += part.length;
      if (length <= most) return void parts.push(part);
      reject(new TooLong());
      response.destroy();
    });
    response.on('error', reject);
    response.on('end', () => {
      const { statusCode = 0, headers } = response;
      resolve({ status: statusCode, contentType: headers['content-type'] ?? '', body: Buffer.concat(parts) });
    });
    response.on('close', () => reject(Object.assign(new Error('cut off'), { code: 'ECONNRESET' })));
  });
}
