import { createHash, randomBytes } from 'node:crypto';
import type { WebSocket, RawData } from 'ws';
import { runBatch } from './batch';
import type { ExecutionType } from './batch';
import { isObject } from './fields';
import type { Data } from './fields';
import { answerOf, processRequest } from './process';
import { Farewell, decode, own, readBatch, unsigned } from './protocol';
import type { Result } from './process';
import type { Studio } from './studio';
import { Close, Op, Status } from './tables/codes';
import { ALL_EVENTS } from './tables/events';
import type { SimulatedCall } from './types';

export interface SessionHost {
  studio: Studio;
  password: string | null;
  salt: string;
  /** answers 207 for now */
  notReady: () => boolean;
  log: (call: SimulatedCall) => void;
  crash: () => void;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

/** One WebSocket client, from Hello to its end. */
export class Session {
  identified = false;
  subscriptions = ALL_EVENTS;
  readonly counts = { incoming: 0, outgoing: 0 };
  private eventsTold = 0;
  private readonly challenge = randomBytes(32).toString('base64');

  constructor(
    readonly socket: WebSocket,
    private readonly id: number,
    private readonly host: SessionHost,
  ) {
    socket.on('message', (raw, isBinary) => this.receive(raw, isBinary));
    // a client that breaks the WebSocket protocol is closed by ws; nothing else is to be done
    socket.on('error', () => undefined);
    if (!host.studio.faults.withholdHello) this.hello();
  }

  /** Close codes and reasons as OBS gives them; the reason is cut to what a close frame holds. */
  close(code: number, reason: string): void {
    let fitting = reason;
    while (Buffer.byteLength(fitting) > 123) fitting = fitting.slice(0, -1);
    this.socket.close(code, fitting);
  }

  /** Send one event. */
  tell(text: string): void {
    this.eventsTold += 1;
    this.send(text);
  }

  private send(text: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.counts.outgoing += 1;
    this.socket.send(text);
  }

  private hello(): void {
    const { password, salt, studio } = this.host;
    this.reply(Op.Hello, {
      ...(password === null ? {} : { authentication: { challenge: this.challenge, salt } }),
      ...(studio.version.uuids ? { obsStudioVersion: studio.version.obs } : {}),
      obsWebSocketVersion: studio.version.webSocket,
      rpcVersion: 1,
    });
  }

  private reply(op: number, d: Data): void {
    this.send(JSON.stringify({ d, op }));
  }

  private receive(raw: RawData, isBinary: boolean): void {
    this.counts.incoming += 1;
    const { studio } = this.host;
    const { faults, random, clock } = studio;
    // OBS hands every message to a pool of threads, so now and then a later one is done first
    if (faults.disorder && random() > 0.98) clock.after(random() * 4, () => void this.handle(raw, isBinary));
    else setImmediate(() => void this.handle(raw, isBinary));
  }

  private async handle(raw: RawData, isBinary: boolean): Promise<void> {
    if (this.socket.readyState !== this.socket.OPEN) return;
    try {
      await this.message(decode(raw, isBinary));
    } catch (thrown) {
      if (thrown instanceof Farewell) this.close(thrown.code, thrown.reason);
      else this.close(Close.DecodeError, 'Unable to answer.');
    }
  }

  private async message(message: Data): Promise<void> {
    if (!this.identified && Object.hasOwn(message, 'request-type')) {
      throw new Farewell(
        Close.UnsupportedRpcVersion,
        'You appear to be attempting to connect with the pre-5.0.0 plugin protocol. Check to make sure your client is updated.',
      );
    }
    const op = own(message, 'op');
    if (op === undefined) throw new Farewell(Close.UnknownOpCode, 'Your request is missing an `op`.');
    if (typeof op !== 'number') throw new Farewell(Close.UnknownOpCode, 'Your `op` is not a number.');
    const d = own(message, 'd');
    if (d === undefined || d === null) {
      throw new Farewell(Close.MissingField, 'Your payload is missing data (`d`).');
    }
    if (!isObject(d))
      throw new Farewell(Close.InvalidFieldType, "Your payload's data (`d`) is not an object.");
    if (!this.identified && op !== Op.Identify) {
      throw new Farewell(
        Close.NotIdentified,
        'You attempted to send a non-Identify message while not identified.',
      );
    }
    if (op === Op.Identify) this.identify(d);
    else if (op === Op.Reidentify) this.reidentify(d);
    else if (op === Op.Request) await this.request(d);
    else if (op === Op.RequestBatch) await this.batch(d);
    else throw new Farewell(Close.UnknownOpCode, `Unknown OpCode: ${op}`);
  }

  private identify(d: Data): void {
    if (this.identified) {
      throw new Farewell(
        Close.AlreadyIdentified,
        'You are already Identified with the obs-websocket server.',
      );
    }
    const { password, salt } = this.host;
    if (password !== null) {
      const given = own(d, 'authentication');
      if (given === undefined) {
        throw new Farewell(
          Close.AuthenticationFailed,
          "Your payload's data is missing an `authentication` string, however authentication is required.",
        );
      }
      if (given !== sha256(sha256(password + salt) + this.challenge)) {
        throw new Farewell(Close.AuthenticationFailed, 'Authentication failed.');
      }
    }
    const rpcVersion = own(d, 'rpcVersion');
    if (rpcVersion === undefined) {
      throw new Farewell(Close.MissingField, "Your payload's data is missing an `rpcVersion`.");
    }
    if (!unsigned(rpcVersion)) {
      throw new Farewell(Close.InvalidFieldType, 'Your `rpcVersion` is not an unsigned number.');
    }
    if (rpcVersion !== 1) {
      throw new Farewell(
        Close.UnsupportedRpcVersion,
        'Your requested RPC version is not supported by this server.',
      );
    }
    this.subscribe(d);
    this.identified = true;
    this.reply(Op.Identified, { negotiatedRpcVersion: 1 });
  }

  private reidentify(d: Data): void {
    this.subscribe(d);
    this.reply(Op.Identified, { negotiatedRpcVersion: 1 });
  }

  private subscribe(d: Data): void {
    const mask = own(d, 'eventSubscriptions');
    if (mask === undefined) return;
    if (!unsigned(mask)) {
      throw new Farewell(Close.InvalidFieldType, 'Your `eventSubscriptions` is not an unsigned number.');
    }
    this.subscriptions = mask;
  }

  private async request(d: Data): Promise<void> {
    const requestId = own(d, 'requestId');
    const requestType = own(d, 'requestType');
    if (requestId === undefined) {
      throw new Farewell(Close.MissingField, 'Your payload data is missing a `requestId`.');
    }
    if (requestType === undefined) {
      throw new Farewell(Close.MissingField, "Your payload's data is missing an `requestType`.");
    }
    if (typeof requestType !== 'string') {
      throw new Farewell(Close.InvalidFieldType, 'Your `requestType` is not a string.');
    }
    const told = this.eventsTold;
    const result = await this.run(requestType, own(d, 'requestData'), null);
    // measured: an answer right behind an event often waits 40 ms for the client's acknowledgement of it
    const { faults, random, clock } = this.host.studio;
    if (faults.disorder && this.eventsTold > told && random() < 0.5) await clock.sleep(38 + random() * 6);
    if (result) this.reply(Op.RequestResponse, answerOf(requestType, requestId, result));
  }

  private async batch(d: Data): Promise<void> {
    const { requestId, batch } = readBatch(d);
    if (!batch) {
      // measured on OBS 29.0.2: an entry that is neither object nor null ends the program
      this.host.crash();
      return;
    }
    const { frames, faults } = this.host.studio;
    const results = await runBatch(
      batch,
      (request, requestData, index) => this.run(request.requestType, requestData, batch.executionType, index),
      frames,
      batch.executionType === 1 ? faults.takeBatch() : null,
    );
    if (results) this.reply(Op.RequestBatchResponse, { requestId, results });
  }

  private async run(
    requestType: string,
    requestData: unknown,
    batch: ExecutionType | null,
    batchIndex?: number,
  ): Promise<Result | null> {
    this.host.log({
      at: Date.now(),
      requestType,
      requestData,
      client: this.id,
      ...(batchIndex === undefined ? {} : { batchIndex }),
    });
    if (this.host.notReady()) {
      return { code: Status.NotReady, comment: 'OBS is not ready to perform the request.', data: undefined };
    }
    return processRequest(this.host.studio, requestType, requestData, { batch, session: this.counts });
  }
}
