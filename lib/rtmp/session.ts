import { readAmf, writeAmf, type AmfValue, type AmfWritable } from './amf0';
import { ChunkReader } from './chunk-reader';
import { chunksOf } from './chunk-writer';
import { askOf, doorOf, type Ask, type Door } from './commands';
import { Handshake } from './handshake';
import { CONTROL, MESSAGE, RtmpFault, controlBytes, readAggregate, userControlBytes } from './messages';
import type { RtmpMessage } from './messages';
import type { TagKind } from './types';

/** What a session does in the world outside; nothing of it may call the session back before it has returned. */
export interface SessionActions {
  send(parts: readonly Buffer[]): void;
  /** decide, then call `startPublishing` or `deny` */
  publish(ask: Ask): void;
  /** decide, then call `startPlaying` or `deny` */
  play(ask: Ask): void;
  /** may be empty: then it is nothing but one more */
  tag(kind: TagKind, timestamp: number, payload: Buffer): void;
  /** any other message, to be counted */
  other(): void;
  /** he ended it himself, in good order */
  over(): void;
  /** the protocol or a limit was broken: close; nothing more is read. `error`: a mistake of ours, to be looked into */
  fault(reason: string, error?: unknown): void;
}

/** What we write in; every known client takes it. */
export const OUR_CHUNK_SIZE = 60_000;
/** How much each side sends before it wants to hear that it arrived; what other servers say too. */
const OUR_WINDOW = 2_500_000;
/** A client that wants to hear of every byte is answered no more often than this. */
const SMALLEST_WINDOW = 4_096;
/** A command holds a name, an address and some properties. */
const MOST_COMMAND_BYTES = 16_384;
const MOST_CONTROL_BYTES = 64;
const MOST_DATA_BYTES = 262_144;
const MOST_MEDIA_BYTES = 8_388_608;
const MOST_AGGREGATE_BYTES = 1_048_576;
/** Whoever has not been let in needs some kilobytes. */
const MOST_STRANGER_BYTES = 131_072;
/** An encoder sends some ten, a player a few more. */
const MOST_COMMANDS = 200;
/** Kept while it is being decided about a publisher: he may send on, and good ones wait. */
const MOST_HELD_BYTES = 65_536;
const STREAM_COMMANDS = 3;
const STREAM_STATUS = 5;
const TAG_KINDS: Record<number, TagKind> = { 8: 'audio', 9: 'video', 15: 'data', 18: 'data' };
const DATA_FRAME = writeAmf('@setDataFrame');

type State = 'handshake' | 'open' | 'asking' | 'publishing' | 'playing' | 'over';

/**
 * One RTMP connection without its socket: bytes in, bytes and actions out. Never throws, whatever comes; bounded in memory. `noise` gives so
 * many bytes by chance.
 */
export class RtmpSession {
  private state: State = 'handshake';
  private readonly handshake: Handshake;
  private readonly chunks = new ChunkReader({ mostBytes: (type) => this.mostBytes(type) });
  private door: Door | null = null;
  private commands = 0;
  private streams = 0;
  private stream = 1;
  private held: Buffer[] = [];
  private heldBytes = 0;
  private read = 0;
  private acknowledged = 0;
  private window = OUR_WINDOW;

  constructor(
    private readonly actions: SessionActions,
    noise: (bytes: number) => Buffer,
  ) {
    this.handshake = new Handshake(noise);
  }

  /** Take bytes as they come, in whatever pieces. */
  push(data: Buffer): void {
    if (this.state === 'over') return;
    try {
      this.take(data);
    } catch (error) {
      this.state = 'over';
      this.held = [];
      if (error instanceof RtmpFault) this.actions.fault(error.message);
      else this.actions.fault('something unexpected', error);
    }
  }

  /** He may: from now on there are tags, beginning with what he has sent meanwhile. */
  startPublishing(): void {
    if (this.state !== 'asking') return;
    this.state = 'publishing';
    this.status('status', 'NetStream.Publish.Start', 'Publishing');
    this.goOn();
  }

  /** He may: what `tagParts` makes of tags can be sent from now on. */
  startPlaying(): void {
    if (this.state !== 'asking') return;
    this.state = 'playing';
    this.control(MESSAGE.userControl, userControlBytes(CONTROL.streamBegin, this.stream));
    this.status('status', 'NetStream.Play.Reset', 'Playing and resetting');
    this.status('status', 'NetStream.Play.Start', 'Playing');
    this.goOn();
  }

  /** He may not; the caller closes once this is sent. Nothing more is read. */
  deny(code: string, description: string): void {
    if (this.state !== 'asking') return;
    this.state = 'over';
    this.held = [];
    this.status('error', code, description);
  }

  /** What he plays has ended. */
  endPlaying(): void {
    if (this.state !== 'playing') return;
    this.state = 'over';
    this.control(MESSAGE.userControl, userControlBytes(CONTROL.streamEof, this.stream));
    this.status('status', 'NetStream.Play.UnpublishNotify', 'The stream has ended');
  }

  private take(data: Buffer): void {
    this.read += data.length;
    let at = 0;
    if (this.state === 'handshake') {
      at = this.handshake.read(data, 0, (bytes) => this.actions.send([bytes]));
      if (!this.handshake.done) return;
      this.state = 'open';
    }
    if (this.state === 'open' && this.read > MOST_STRANGER_BYTES) throw new RtmpFault('it asks for nothing');
    if (this.state === 'asking') return this.keep(data.subarray(at));
    at = this.chunks.read(data, at, (message) => {
      this.message(message);
      return this.state !== 'asking' && this.state !== 'over';
    });
    // the state is another one now
    if ((this.state as State) === 'asking' && at < data.length) this.keep(data.subarray(at));
    this.acknowledge();
  }

  private keep(data: Buffer): void {
    if (data.length === 0) return;
    this.heldBytes += data.length;
    if (this.heldBytes > MOST_HELD_BYTES) throw new RtmpFault('it does not wait for an answer');
    this.held.push(Buffer.from(data));
  }

  private goOn(): void {
    const held = this.held;
    this.held = [];
    this.heldBytes = 0;
    for (const data of held) {
      this.read -= data.length;
      this.push(data);
    }
  }

  private mostBytes(type: number): number {
    if (type >= MESSAGE.setChunkSize && type <= MESSAGE.peerBandwidth) return MOST_CONTROL_BYTES;
    if (type === MESSAGE.command || type === MESSAGE.command3) return MOST_COMMAND_BYTES;
    if (this.state !== 'publishing') return MOST_COMMAND_BYTES;
    if (type === MESSAGE.audio || type === MESSAGE.video) return MOST_MEDIA_BYTES;
    return type === MESSAGE.aggregate ? MOST_AGGREGATE_BYTES : MOST_DATA_BYTES;
  }

  private message(message: RtmpMessage): void {
    const { type, payload } = message;
    if (!(type in TAG_KINDS)) this.actions.other();
    if (type === MESSAGE.command || type === MESSAGE.command3)
      return this.command(payload, type === MESSAGE.command3 ? 1 : 0);
    if (type === MESSAGE.aggregate) {
      if (this.state === 'publishing') for (const part of readAggregate(message)) this.media(part);
    } else if (type in TAG_KINDS) this.media(message);
    else this.controlled(type, payload);
  }

  private media({ type, timestamp, payload }: Pick<RtmpMessage, 'type' | 'timestamp' | 'payload'>): void {
    const kind = TAG_KINDS[type];
    if (kind === undefined || this.state !== 'publishing') return;
    let body = type === MESSAGE.data3 ? payload.subarray(1) : payload;
    // a word to the server: a file has what comes behind it
    if (kind === 'data' && body.subarray(0, DATA_FRAME.length).equals(DATA_FRAME))
      body = body.subarray(DATA_FRAME.length);
    this.actions.tag(kind, timestamp, body);
  }

  private controlled(type: number, payload: Buffer): void {
    const number = payload.length >= 4 ? payload.readUInt32BE(0) : null;
    if (type === MESSAGE.userControl) {
      if (payload.length >= 6 && payload.readUInt16BE(0) === CONTROL.pingRequest) {
        this.control(MESSAGE.userControl, userControlBytes(CONTROL.pingResponse, payload.readUInt32BE(2)));
      }
      return;
    }
    if (number === null) return;
    if (type === MESSAGE.setChunkSize) this.chunks.setChunkSize(number);
    else if (type === MESSAGE.abort) this.chunks.abort(number);
    else if (type === MESSAGE.windowSize) this.window = Math.max(SMALLEST_WINDOW, number);
  }

  private command(payload: Buffer, from: number): void {
    this.counted();
    const { values } = readAmf(payload, from);
    const [name, transaction, first, ...rest] = values;
    if (typeof name !== 'string') throw new RtmpFault('a command without a name');
    const id = typeof transaction === 'number' ? transaction : 0;
    if (name === 'connect') return this.connect(id, first);
    if (!this.door) throw new RtmpFault('a command before "connect"');
    switch (name) {
      case 'createStream':
        return this.answer(id, ++this.streams);
      case 'releaseStream':
      case 'FCPublish':
      case 'FCSubscribe':
        return this.answer(id, undefined);
      case 'getStreamLength':
        return this.answer(id, 0);
      case 'publish':
      case 'play':
        return this.ask(name, rest[0]);
      case 'FCUnpublish':
      case 'deleteStream':
      case 'closeStream':
        if (this.state !== 'publishing' && this.state !== 'playing') return;
        this.state = 'over';
        return this.actions.over();
    }
  }

  private connect(id: number, properties: AmfValue): void {
    if (this.door) throw new RtmpFault('"connect" twice');
    this.door = doorOf(properties);
    this.control(MESSAGE.windowSize, controlBytes(OUR_WINDOW));
    // 2: as the window, whichever limit is there already
    this.control(MESSAGE.peerBandwidth, Buffer.concat([controlBytes(OUR_WINDOW), Buffer.from([2])]));
    this.control(MESSAGE.setChunkSize, controlBytes(OUR_CHUNK_SIZE));
    const server = { fmsVer: 'FMS/3,0,1,123', capabilities: 31 };
    this.reply(STREAM_COMMANDS, 0, '_result', id, server, {
      level: 'status',
      code: 'NetConnection.Connect.Success',
      description: 'Connected',
      objectEncoding: 0,
    });
  }

  private ask(what: 'publish' | 'play', name: AmfValue): void {
    if (this.state !== 'open') throw new RtmpFault(`"${what}" where there is a stream already`);
    this.stream = Math.max(1, this.streams);
    this.state = 'asking';
    const asked = askOf(this.door!, name);
    // a secret that was in it is kept here no longer
    this.door = { app: asked.app, params: new Map() };
    this.actions[what](asked);
  }

  private answer(id: number, value: AmfWritable): void {
    if (id !== 0) this.reply(STREAM_COMMANDS, 0, '_result', id, null, value);
  }

  private status(level: 'status' | 'error', code: string, description: string): void {
    this.reply(STREAM_STATUS, this.stream, 'onStatus', 0, null, { level, code, description });
  }

  private reply(chunkStream: number, messageStream: number, ...values: AmfWritable[]): void {
    this.write({ chunkStream, messageStream, type: MESSAGE.command, payload: writeAmf(...values) });
  }

  private control(type: number, payload: Buffer): void {
    this.write({ chunkStream: 2, messageStream: 0, type, payload });
  }

  private write(message: Omit<RtmpMessage, 'timestamp'>): void {
    // what is sent before the size is told fits into the first one: control messages only
    this.actions.send(chunksOf({ ...message, timestamp: 0 }, OUR_CHUNK_SIZE));
  }

  private acknowledge(): void {
    if (this.read - this.acknowledged < this.window || !this.door) return;
    this.acknowledged = this.read;
    this.control(MESSAGE.acknowledgement, controlBytes(this.read));
  }

  private counted(): void {
    // over days some more are nothing: one for each megabyte
    if (++this.commands > MOST_COMMANDS + this.read / 1_048_576) throw new RtmpFault('too many commands');
  }
}
