// The XML library as a careful client of vMix sets it up, without anything of ours.
import { XMLParser } from 'fast-xml-parser';

const ARRAYS = new Set([
  'vmix.inputs.input',
  'vmix.outputs.output',
  'vmix.overlays.overlay',
  'vmix.inputs.input.overlay',
  'vmix.inputs.input.text',
  'vmix.inputs.input.image',
  'vmix.inputs.input.list.item',
  'vmix.transitions.transition',
  'vmix.mix',
]);

const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  parseAttributeValue: false,
  htmlEntities: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  isArray: (_name, path) => ARRAYS.has(String(path)),
});

/** A document as the library gives it. */
export function parseBare(document: string): unknown {
  return parser.parse(document);
}
