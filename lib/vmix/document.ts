import type { EntityDecoderOptions, XMLParser } from 'fast-xml-parser';
import { fail, type LiveError } from '../errors';
import { tagsAreSound } from './tags';

/** One element, or a piece of text under the name `#text`: `{ name: children, ':@': attributes }`. */
export type Node = Readonly<Record<string, unknown>>;
export type Attributes = Readonly<Record<string, string | undefined>>;

/** A thousand inputs make a third of a megabyte; a show with long lists in each of them still fits. */
export const LARGEST_DOCUMENT_BYTES = 8 * 1024 * 1024;
/** 8 MB of the smallest elements would take seconds and a gigabyte; a real document of that size has a tenth of these. */
const MOST_ELEMENTS = 250_000;
const DEEPEST = 20;
/** Each costs as much as an element, and no vMix is known to send one below the root. */
const MOST_INSTRUCTIONS = 100;

const NONE: Attributes = Object.freeze({});
const ROOT = '<vmix';
const END = /<\/vmix\s*>\s*$/;
/** What may stand before the root: vMix 28 and newer send declarations and other instructions. */
const BEFORE_ROOT = /^(?:\s+|<\?[^]*?\?>|<!--[^]*?-->)/;
const MOST_HEADS = 20;
const LONGEST_HEAD = 10_000;

/**
 * The elements of a state document below its root, in their order. Takes the bytes as they came, or text.
 * Throws a coded error: VMIX_DOCUMENT_TOO_LARGE, VMIX_DOCUMENT_TRUNCATED, VMIX_BROWSER_REFUSED, VMIX_NOT_VMIX,
 * VMIX_DOCUMENT_BROKEN. None of them quotes the document, which can hold secrets.
 */
export function readDocument(document: Buffer | string, where: string): readonly Node[] {
  const bytes = typeof document === 'string' ? Buffer.byteLength(document) : document.length;
  if (bytes > LARGEST_DOCUMENT_BYTES)
    throw fail('VMIX_DOCUMENT_TOO_LARGE', { where, limit: LARGEST_DOCUMENT_BYTES / 1024 / 1024 });
  const text = withoutHead(typeof document === 'string' ? document : document.toString('utf8'));
  const fault = rootFault(text, where);
  if (fault) throw fault;
  if (text.split('<?', MOST_INSTRUCTIONS + 2).length > MOST_INSTRUCTIONS + 1)
    throw fail('VMIX_DOCUMENT_BROKEN', { where });
  if (!tagsAreSound(text)) throw fail('VMIX_DOCUMENT_BROKEN', { where });
  elements = 0;
  let nodes: unknown;
  try {
    nodes = (parser ??= makeParser()).parse(text);
  } catch {
    throw fail('VMIX_DOCUMENT_BROKEN', { where });
  }
  const root = Array.isArray(nodes) ? (nodes as Node[]).find((node) => nameOf(node) === 'vmix') : undefined;
  if (!root) throw fail('VMIX_DOCUMENT_BROKEN', { where });
  return childrenOf(root, 'vmix');
}

/** The name of an element, `#text` for text. */
export function nameOf(node: Node): string {
  for (const name in node) if (name !== ':@') return name;
  return '';
}

/** What stands in an element; `name` is its own. */
export function childrenOf(node: Node, name: string): readonly Node[] {
  const children = node[name];
  return Array.isArray(children) ? (children as Node[]) : [];
}

/** The attributes of an element, without entities. */
export function attributesOf(node: Node): Attributes {
  return (node[':@'] as Attributes | undefined) ?? NONE;
}

/** The text of an element that holds nothing else, as written; pieces of it are joined. */
export function textOf(node: Node, name: string): string {
  let text = '';
  for (const child of childrenOf(node, name)) {
    const piece = child['#text'];
    if (typeof piece === 'string') text += piece;
  }
  return text;
}

/** The text without what may stand before the root. */
function withoutHead(text: string): string {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let count = 0; count < MOST_HEADS && !text.startsWith(ROOT, at); count++) {
    const head = BEFORE_ROOT.exec(text.slice(at, at + LONGEST_HEAD));
    if (!head) break;
    at += head[0].length;
  }
  return at === 0 ? text : text.slice(at);
}

/** What is wrong with a text before it is parsed: fast-xml-parser itself takes foreign and truncated text without a word. */
function rootFault(text: string, where: string): LiveError | null {
  if (!text.startsWith(ROOT)) {
    // of a byte order mark that was cut, one character remains
    const unfinished =
      ROOT.startsWith(text) || text === '\ufffd' || /^<\?[^>]*$/.test(text) || /^<!-?-?[^>]*$/.test(text);
    if (unfinished) return fail('VMIX_DOCUMENT_TRUNCATED', { where });
    if (/browser script access/i.test(text.slice(0, 200))) return fail('VMIX_BROWSER_REFUSED', { where });
    const page = /^<(!doctype\s+html|html|head|body)\b/i.test(text);
    return fail('VMIX_NOT_VMIX', {
      where,
      reason: page ? 'it answers with a web page' : 'it answers with something else',
    });
  }
  const after = text.charAt(ROOT.length);
  if (after !== '' && !/[\s/>]/.test(after))
    return fail('VMIX_NOT_VMIX', { where, reason: 'it answers with another document' });
  return END.test(text.slice(-50)) ? null : fail('VMIX_DOCUMENT_TRUNCATED', { where });
}

let parser: XMLParser | undefined;
let elements = 0;

/** The library is loaded with the first document: every start of Node-RED would wait for it. */
function makeParser(): XMLParser {
  const { XMLParser: Parser } = require('fast-xml-parser') as typeof import('fast-xml-parser');
  return new Parser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    // "007", "0x1F" and "true" are titles of inputs; spaces around them belong to them
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
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

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const ENTITY = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6}));/g;

/** The five names and numbers of XML, and nothing that a document defines itself: such ones stay as they are written. */
export const ENTITIES: EntityDecoderOptions = {
  setExternalEntities: () => undefined,
  addInputEntities: () => undefined,
  reset: () => undefined,
  setXmlVersion: () => undefined,
  decode: (text) =>
    text.includes('&')
      ? text.replace(ENTITY, (whole: string, name?: string, decimal?: string, hex?: string) => {
          if (name !== undefined) return NAMED[name] ?? whole;
          const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
          const character = code > 0 && code <= 0x10_ffff && (code < 0xd800 || code > 0xdfff);
          return character ? String.fromCodePoint(code) : whole;
        })
      : text,
};
