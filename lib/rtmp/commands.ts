import { mayBeSecret } from '../keys/looks';
import { isStreamName, parsePublished } from '../keys/names';
import type { AmfValue } from './amf0';

/** What `connect` says: which app, and arguments that stood behind it or in the address. */
export interface Door {
  app: string;
  params: ReadonlyMap<string, string>;
}

/** Who wants to publish or play what. The arguments may be secret. */
export interface Ask extends Door {
  /** as it was sent, without what stands behind a question mark; '' where there was none */
  stream: string;
}

/** Longer is no name of ours, and is not carried around. */
const LONGEST_NAME = 200;

/** Reads the object of `connect`. Whatever more is in it (enhanced RTMP: lists of codecs) is nobody's business here. Never throws. */
export function doorOf(properties: AmfValue): Door {
  const text = (name: string): string => {
    const value = properties instanceof Map ? properties.get(name) : undefined;
    return typeof value === 'string' ? value : '';
  };
  const app = parsePublished(text('app'));
  const address = parsePublished(text('tcUrl'));
  return {
    app: app.name.replace(/^\/+|\/+$/g, '').slice(0, LONGEST_NAME),
    params: new Map([...address.args, ...app.args]),
  };
}

/** Reads what `publish` and `play` name: `id?key=…`. What stands there goes before what stood in the address. Never throws. */
export function askOf(door: Door, name: AmfValue): Ask {
  const { name: stream, args } = parsePublished(typeof name === 'string' ? name : '');
  return {
    app: door.app,
    stream: stream.slice(0, LONGEST_NAME),
    params: new Map([...door.params, ...args]),
  };
}

const LONGEST_TOLD = 64;

/** A name that nobody proved to be his, as it may be told: itself, or '' where it is none, or may be a secret in the wrong place. */
export function tellable(name: string): string {
  return name.length <= LONGEST_TOLD && isStreamName(name) && !mayBeSecret(name) ? name : '';
}
