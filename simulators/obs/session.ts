import { createHash, randomBytes } from 'node:crypto';
import type { WebSocket, RawData } from 'ws';
import { runBatch } from './batch';
import type { BatchRequest, ExecutionType } from './batch';
import { isObject } from './fields';
import type { Data } from './fields';
import { processRequest, statusOf } from './process';
import type { Result } from './process';
import type { Studio } from './studio';
import { Close, Op, Status } from './tables/codes';
import { ALL_EVENTS } from './tables/events';
import type { SimulatedCall } from './types';

/** A protocol fault that ends the connection. */
class Farewell extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
  ) {
    super(reason);
  }
}

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

const unsigned = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0;

/** One WebSocket client, from Hello to its end. */
export class Session {
  identified = false;
  subscriptions = ALL_EVENTS;
  readonly counts = { incoming: 0, outgoing: 0 };
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

  send(text: string): void {
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
    const result = await this.run(requestType, own(d, 'requestData'), null);
    if (result) this.reply(Op.RequestResponse, { requestId, requestType, ...statusOf(result) });
  }

  private async batch(d: Data): Promise<void> {
    const requestId = own(d, 'requestId');
    if (requestId === undefined) {
      throw new Farewell(Close.MissingField, 'Your payload data is missing a `requestId`.');
    }
    const executionType = own(d, 'executionType') ?? 0;
    if (!unsigned(executionType)) {
      throw new Farewell(Close.InvalidFieldType, 'Your `executionType` is not a number.');
    }
    if (executionType > 2)
      throw new Farewell(Close.InvalidFieldValue, 'Your `executionType` has an invalid value.');
    const variables = own(d, 'variables');
    if (variables !== undefined && variables !== null && executionType === 2) {
      throw new Farewell(Close.UnsupportedFeature, 'Variables are not supported in Parallel mode.');
    }
    const haltOnFailure = own(d, 'haltOnFailure') ?? false;
    if (typeof haltOnFailure !== 'boolean') {
      throw new Farewell(Close.InvalidFieldType, 'Your `haltOnFailure` is not a boolean.');
    }
    const requests = own(d, 'requests');
    if (requests === undefined) {
      throw new Farewell(Close.MissingField, 'Your payload data is missing a `requests`.');
    }
    if (!Array.isArray(requests))
      throw new Farewell(Close.InvalidFieldType, 'Your `requests` is not an array.');
    if (!requests.every((entry) => entry === null || isObject(entry))) {
      // measured on OBS 29.0.2: an entry that is neither object nor null ends the program
      this.host.crash();
      return;
    }
    const batch = {
      executionType: executionType as ExecutionType,
      haltOnFailure,
      requests: requests.map((entry: unknown) => batchRequest(isObject(entry) ? entry : {})),
      variables: new Map(Object.entries(isObject(variables) ? variables : {})),
    };
    const results = await runBatch(batch, (request, requestData, index) =>
      this.run(request.requestType, requestData, batch.executionType, index),
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

function own(data: Data, name: string): unknown {
  return Object.hasOwn(data, name) ? data[name] : undefined;
}

function batchRequest(entry: Data): BatchRequest {
  const requestType = own(entry, 'requestType');
  return {
    requestType: typeof requestType === 'string' ? requestType : '',
    requestId: own(entry, 'requestId'),
    requestData: own(entry, 'requestData'),
    inputVariables: own(entry, 'inputVariables'),
    outputVariables: own(entry, 'outputVariables'),
  };
}

function decode(raw: RawData, isBinary: boolean): Data {
  if (isBinary) {
    throw new Farewell(
      Close.DecodeError,
      'Your session encoding is set to Json, but a binary message was received.',
    );
  }
  let message: unknown;
  try {
    message = JSON.parse((raw as Buffer).toString('utf8'));
  } catch (error) {
    throw new Farewell(Close.DecodeError, `Unable to decode Json: ${(error as Error).message}`);
  }
  if (!isObject(message)) throw new Farewell(Close.DecodeError, 'You sent a non-object payload.');
  return message;
}
