import type { XMLParser } from 'fast-xml-parser';
import { ENTITIES, childrenOf, nameOf as elementName, textOf, type Node } from '../vmix/document';
import { tagsAreSound } from '../vmix/tags';
import { publisherAt } from './reader';
import type { Publisher } from './types';
import { figuresOf, nameOf } from './values';

/** rtmp, server, application, live, stream, client: six; `meta` goes one deeper. */
const DEEPEST = 16;
const MOST_ELEMENTS = 250_000;
const HEADS = /^(?:\s+|<\?[^]{0,1000}?\?>|<!--[^]{0,10000}?-->){0,20}/;

export interface Stat {
  version: string | null;
  /** the process that answered; another one after a restart */
  pid: string | null;
  /** since when it runs, s; by the server's own clock */
  uptimeS: number | null;
  publishers: Publisher[];
}

/** Why a page is none of nginx-rtmp's statistics, in words. */
export type Unfit = string;

/**
 * The statistics of nginx-rtmp. A page that is blank, cut off or none at all is a reason, never an empty list: nobody knows then who
 * publishes. Total.
 */
export function readStat(page: string): Stat | Unfit {
  const text = page.replace(HEADS, '');
  if (text.trim() === '') return 'its page of statistics is blank';
  if (!/^<rtmp[\s>]/.test(text))
    return /^<(!doctype|html)/i.test(text) ? 'it answers with a web page' : 'it answers with something else';
  if (!/<\/rtmp\s*>\s*$/.test(text.slice(-50))) return 'its page of statistics is cut off';
  if (!tagsAreSound(text)) return 'its page of statistics cannot be read';
  elements = 0;
  let nodes: unknown;
  try {
    nodes = (parser ??= makeParser()).parse(text);
  } catch {
    return 'its page of statistics cannot be read';
  }
  const roots = Array.isArray(nodes) ? (nodes as Node[]).filter((node) => elementName(node) === 'rtmp') : [];
  if (roots.length !== 1) return 'its page of statistics cannot be read';
  const root = childrenOf(roots[0]!, 'rtmp');
  const publishers: Publisher[] = [];
  for (const server of all(root, 'server'))
    for (const application of all(server, 'application')) {
      const app = nameOf(one(application, 'name'));
      if (app !== null)
        for (const live of all(application, 'live'))
          for (const stream of all(live, 'stream')) {
            const publisher = publisherOf(app, stream);
            if (publisher) publishers.push(publisher);
          }
    }
  const version = nameOf(one(root, 'nginx_rtmp_version'));
  return { version, pid: nameOf(one(root, 'pid')), uptimeS: figure(root, 'uptime'), publishers };
}

type Children = readonly Node[];

function all(children: Children, name: string): Children[] {
  return children.filter((node) => Object.hasOwn(node, name)).map((node) => childrenOf(node, name));
}

/** The text of the first element of a name, '' where there is none. */
function one(children: Children, name: string): string {
  const node = children.find((child) => Object.hasOwn(child, name));
  return node ? textOf(node, name).trim() : '';
}

const has = (children: Children, name: string): boolean => children.some((node) => Object.hasOwn(node, name));
const figure = (children: Children, name: string): number | null => figuresOf(one(children, name));

/** One stream, or null where nobody publishes it: one that is only played, or waited for, is listed too. */
function publisherOf(app: string, stream: Children): Publisher | null {
  const name = nameOf(one(stream, 'name'));
  const clients = all(stream, 'client');
  const own = clients.find((client) => has(client, 'publishing'));
  if (name === null || (!own && !has(stream, 'publishing'))) return null;
  const [meta] = all(stream, 'meta');
  const [video] = meta ? all(meta, 'video') : [];
  const [audio] = meta ? all(meta, 'audio') : [];
  const bits = figure(stream, 'bw_in');
  return {
    ...publisherAt(app, name, own ? nameOf(one(own, 'id')) : null),
    address: own ? nameOf(one(own, 'address')) : null,
    sinceMs: figure(own ?? stream, 'time'),
    bytesIn: figure(stream, 'bytes_in'),
    // 0 for the first ten seconds
    bitrateKbps: bits ? bits / 1000 : null,
    readers: Math.max(0, clients.length - (own ? 1 : 0)),
    video: video
      ? {
          codec: nameOf(one(video, 'codec')),
          width: figure(video, 'width'),
          height: figure(video, 'height'),
          fps: rateOf(one(video, 'frame_rate')),
        }
      : null,
    audio: audio
      ? {
          codec: nameOf(one(audio, 'codec')),
          sampleRateHz: figure(audio, 'sample_rate'),
          channels: figure(audio, 'channels'),
        }
      : null,
  };
}

/** Frames a second, as `30` or `29.970`; 0 and everything else is unknown. */
function rateOf(text: string): number | null {
  return /^\d{1,4}(\.\d{1,10})?$/.test(text) ? Number(text) || null : null;
}

let parser: XMLParser | undefined;
let elements = 0;

/** The library is loaded with the first page: every start of Node-RED would wait for it. */
function makeParser(): XMLParser {
  const { XMLParser: Parser } = require('fast-xml-parser') as typeof import('fast-xml-parser');
  return new Parser({
    preserveOrder: true,
    ignoreAttributes: true,
    // a stream may be called 007 or true
    parseTagValue: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    jPath: false,
    maxNestedTags: DEEPEST,
    entityDecoder: ENTITIES,
    updateTag: () => {
      if (++elements > MOST_ELEMENTS) throw new RangeError('too many elements');
      return true;
    },
  });
}
