/** No vMix is known to give an element fifty. */
const MOST_ATTRIBUTES = 500;
/** An instruction may say anything, but nothing long. */
const LONGEST_INSTRUCTION = 10_000;

const [LT, GT, EQUALS, SLASH, QUOTE, APOSTROPHE] = [60, 62, 61, 47, 34, 39];
const [EXCLAMATION, QUESTION] = [33, 63];

/**
 * Whether every tag of a document is formed as XML forms them, with no more attributes than any vMix writes. The parser takes
 * anything between `<` and `>` for attributes, and a million of them for seconds and a gigabyte of memory; a document type, which
 * defines what text means, is no part of a state. Pure; takes a fraction of the time of the parse.
 */
export function tagsAreSound(text: string): boolean {
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at)) {
    at = endOfMarkup(text, at + 1);
    if (at === -1) return false;
  }
  return true;
}

/** Where what begins before `from` has ended, or -1 where it is not sound. */
function endOfMarkup(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first === SLASH) return after(text, '>', from);
  if (first === QUESTION) return endOfInstruction(text, from + 1);
  if (first !== EXCLAMATION) return endOfTag(text, from);
  if (text.startsWith('!--', from)) return after(text, '-->', from + 3);
  return text.startsWith('![CDATA[', from) ? after(text, ']]>', from) : -1;
}

function after(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from);
  return at === -1 ? -1 : at + end.length;
}

/** The parser takes quotes for quotes here too. */
function endOfInstruction(text: string, from: number): number {
  const last = Math.min(text.length, from + LONGEST_INSTRUCTION);
  for (let at = from; at < last; at++) {
    const code = text.charCodeAt(at);
    if (code === QUESTION && text.charCodeAt(at + 1) === GT) return at + 2;
    if (code === QUOTE || code === APOSTROPHE) at = text.indexOf(text.charAt(at), at + 1);
    if (at === -1) break;
  }
  return -1;
}

/** What stands before the place that is looked at: nothing, a word, a word and a space, an equals sign, or a value. */
type Before = 'nothing' | 'word' | 'space' | 'equals' | 'value';

function endOfTag(text: string, from: number): number {
  let before: Before = 'nothing';
  let attributes = 0;
  let named = false;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === GT) return at + 1;
    if (code === QUOTE || code === APOSTROPHE) {
      if (before !== 'equals' || ++attributes > MOST_ATTRIBUTES) return -1;
      at = text.indexOf(text.charAt(at), at + 1);
      if (at === -1) return -1;
      before = 'value';
    } else if (code === EQUALS) {
      if (before !== 'word' && before !== 'space') return -1;
      before = 'equals';
    } else if (code === 32 || (code >= 9 && code <= 13)) {
      if (before === 'word') {
        // the first word is the name of the element, which no value follows
        before = named ? 'space' : 'value';
        named = true;
      }
    } else {
      if (code === LT || before === 'equals' || before === 'space') return -1;
      before = 'word';
    }
  }
  return -1;
}
