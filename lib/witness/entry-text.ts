/** Why JSON text is not the one canonical text of its value. Looked at only where it is not: time does not matter. */
export type TextFault =
  | 'white space'
  | 'name twice'
  | 'names not in order'
  | 'needless escape'
  | 'half a surrogate pair'
  | 'number'
  | 'not canonical';

const TOKEN = /[\s\ufeff]+|"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\],:]|\w+/gsy;
/** Where the first line ends and the second begins. */
const SEAM = /\}\s*\{"data":/;

/** Whether two lines of entries stand in one, as after a lost line break. */
export function isGlued(text: string): boolean {
  return text.startsWith('{"data":') && SEAM.test(text);
}

/** The first reason in a text that is JSON, and where it stands, counted in characters. */
export function faultOfJson(text: string): [TextFault, string] {
  /** for each open object its last name, and all; null for a list */
  const open: ({ last: string | null; all: Set<string> } | null)[] = [];
  let nameComes = false;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const [token] = match;
    const at = `at character ${match.index}`;
    const inner = open.at(-1);
    if (/^[\s\ufeff]/.test(token)) return ['white space', at];
    if (token === '{') open.push({ last: null, all: new Set() });
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token.startsWith('"')) {
      const fault = faultOfText(token);
      if (fault) return [fault, at];
      if (nameComes && inner) {
        const name = JSON.parse(token) as string;
        if (inner.all.has(name)) return ['name twice', at];
        if (inner.last !== null && inner.last > name) return ['names not in order', at];
        inner.all.add(name);
        inner.last = name;
      }
    } else if (/^[-\d]/.test(token) && `${Number(token)}` !== token) return ['number', at];
    nameComes = token === '{' || (token === ',' && open.at(-1) !== null);
  }
  return ['not canonical', 'deeper than any entry'];
}

function faultOfText(token: string): TextFault | null {
  const text = JSON.parse(token) as string;
  if (/\p{Surrogate}/u.test(text)) return 'half a surrogate pair';
  return JSON.stringify(text) === token ? null : 'needless escape';
}
