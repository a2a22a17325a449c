import { isIP } from 'node:net';
import { isStreamName } from '../../keys/names';
import { tellable } from '../commands';
import type { Ruling } from '../guards';
import type { IngestLimits } from '../limits';
import { DENIALS, type Denial, type IngestSettings } from '../types';
import { LinkFault } from './pieces';

/** What Node-RED tells the process of its ingest. It holds secrets, which go this way and no other. */
export type ParentWord =
  | { is: 'open'; settings: IngestSettings; limits: Partial<IngestLimits> }
  | { is: 'answer'; id: number; ruling: Ruling }
  | { is: 'kick'; connectionId: string; reason: string }
  | { is: 'renew'; settings: IngestSettings }
  | { is: 'close' };

/** Why it does not listen. */
export interface ListenFault {
  code: 'INGEST_LISTEN' | 'CONFIG_INVALID';
  reason: string;
}

/** Somebody asks to publish. Holds his key. */
export interface AskWord {
  is: 'ask';
  id: number;
  app: string;
  stream: string;
  params: [string, string][];
  connectionId: string;
  address: string;
  secure: boolean;
}

export interface DeniedWord {
  is: 'denied';
  why: Denial;
  reason: string;
  stream: string;
  app: string;
  address: string;
  connectionId: string;
}

/** What the process of an ingest tells Node-RED. */
export type ChildWord =
  | { is: 'beat' }
  | { is: 'state'; listening: boolean; port: number | null; fault: ListenFault | null }
  | AskWord
  /** `number`: what his tags have instead of the id */
  | { is: 'publishing'; connectionId: string; number: number }
  | { is: 'left'; connectionId: string; reason: string; expected: boolean | null }
  | DeniedWord
  | { is: 'players'; stream: string; count: number }
  /** left out, since Node-RED did not take it: since the last such word */
  | { is: 'missed'; number: number; bytes: number; frames: number }
  | { is: 'error'; text: string };

/** More is in no word: a name with arguments of 2,048 characters, three times. */
export const MOST_CHILD_WORD = 65_536;
/** Certificates are in it. */
export const MOST_PARENT_WORD = 16_777_216;

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LONGEST_REASON = 300;
const MOST_PARAMS = 128;

/**
 * A word of the other process, checked in every part: it read what strangers sent, and may not be itself any more.
 * @throws LinkFault where it is no word that it would say
 */
export function readChildWord(value: unknown): ChildWord {
  const word = new Fields(value);
  const is = word.text('is', 20);
  switch (is) {
    case 'beat':
      return { is };
    case 'state':
      return {
        is,
        listening: word.flag('listening'),
        port: word.value('port') === null ? null : word.whole('port', 65_535),
        fault: faultOf(word.value('fault')),
      };
    case 'ask':
      return {
        is,
        id: word.whole('id'),
        app: word.text('app'),
        stream: word.that('stream', isStreamName),
        params: paramsOf(word.value('params')),
        connectionId: word.id(),
        address: word.that('address', isAddress),
        secure: word.flag('secure'),
      };
    case 'publishing':
      return { is, connectionId: word.id(), number: word.whole('number') };
    case 'left':
      return {
        is,
        connectionId: word.id(),
        reason: word.reason(),
        expected: word.value('expected') === null ? null : word.flag('expected'),
      };
    case 'denied':
      return {
        is,
        why: word.that('why', (why): why is Denial => (DENIALS as readonly string[]).includes(why)) as Denial,
        reason: word.reason(),
        stream: tellable(word.text('stream')),
        app: tellable(word.text('app')),
        address: word.that('address', isAddress),
        connectionId: word.id(),
      };
    case 'players':
      return { is, stream: word.that('stream', isStreamName), count: word.whole('count', 100_000) };
    case 'missed':
      return { is, number: word.whole('number'), bytes: word.whole('bytes'), frames: word.whole('frames') };
    case 'error':
      return { is, text: plain(word.text('text', MOST_CHILD_WORD)) };
    default:
      throw new LinkFault('a word that nobody knows');
  }
}

/** An address may be empty: the socket had gone. */
const isAddress = (text: string): boolean => text === '' || isIP(text) !== 0;

function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, LONGEST_REASON);
}

function faultOf(value: unknown): ListenFault | null {
  if (value === null) return null;
  const fault = new Fields(value);
  const isCode = (code: string) => code === 'INGEST_LISTEN' || code === 'CONFIG_INVALID';
  return { code: fault.that('code', isCode) as ListenFault['code'], reason: fault.reason() };
}

function paramsOf(value: unknown): [string, string][] {
  const isPair = (one: unknown): one is [string, string] =>
    Array.isArray(one) && one.length === 2 && one.every((part) => typeof part === 'string');
  if (!Array.isArray(value) || value.length > MOST_PARAMS || !value.every(isPair))
    throw new LinkFault('arguments that are none');
  return value;
}

class Fields {
  private readonly fields: Record<string, unknown>;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new LinkFault('a word that is none');
    this.fields = value as Record<string, unknown>;
  }

  value(name: string): unknown {
    return Object.hasOwn(this.fields, name) ? this.fields[name] : undefined;
  }

  text(name: string, most = 200): string {
    const value = this.value(name);
    if (typeof value !== 'string' || value.length > most) throw new LinkFault(`no "${name}"`);
    return value;
  }

  that(name: string, fits: (text: string) => boolean): string {
    const text = this.text(name);
    if (!fits(text)) throw new LinkFault(`a "${name}" that is none`);
    return text;
  }

  reason(): string {
    return plain(this.text('reason', MOST_CHILD_WORD));
  }

  id(): string {
    return this.that('connectionId', (text) => ID.test(text));
  }

  whole(name: string, most: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.value(name);
    if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > most)
      throw new LinkFault(`no "${name}"`);
    return value as number;
  }

  flag(name: string): boolean {
    const value = this.value(name);
    if (typeof value !== 'boolean') throw new LinkFault(`no "${name}"`);
    return value;
  }
}
