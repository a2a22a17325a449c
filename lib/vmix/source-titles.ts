import { fail } from '../errors';
import { fewNames } from '../production/names';
import { change, unfit } from './source-asks';
import type { InputChange, Outcome } from './sources';
import type { VmixField, VmixInput } from './state-types';

type Fields = 'texts' | 'images';
const WORDS = { texts: ['text', 'SetText'], images: ['image', 'SetImage'] } as const;

/**
 * Set a text or an image of a title; `wanted` is a field by its name or its index, null the first one. An empty value is refused: what vMix makes of a
 * blank one nobody has described.
 */
export async function setField(
  on: InputChange,
  fields: Fields,
  wanted: string | null,
  value: string,
): Promise<Outcome> {
  const [word, name] = WORDS[fields];
  const all = on.input[fields];
  if (all.length === 0) throw unfit(on, `it is of the type ${on.input.type} and has no ${word} to be set`);
  if (value === '')
    throw fail('CAPABILITY_MISSING', {
      application: 'vMix',
      action: `an empty ${word}`,
      advice: 'Send a space, or take the title out of its overlay.',
    });
  const field = fieldOf(on.input, fields, wanted);
  if (!field)
    throw fail('SOURCE_UNKNOWN', {
      application: 'vMix',
      what: `${word} field in "${on.input.title}"`,
      source: wanted,
      known: fewNames(all.map((one) => one.name || String(one.index))),
    });
  const before = field.value;
  const told = { before, field: field.name };
  if (before === value) return { ...told, now: value, alreadySo: true };
  const sole = field.name !== '' && all.filter((one) => one.name === field.name).length === 1;
  const present = (input: VmixInput) =>
    input[fields].find((one) => one.name === field.name && one.index === field.index);
  const now = await change(
    on,
    {
      name,
      value,
      ...(sole || field.index === null ? { selectedName: field.name } : { selectedIndex: field.index }),
    },
    (input) => {
      const found = present(input)?.value;
      return found !== undefined && isAs(found, value) ? found : undefined;
    },
    (input) => JSON.stringify(present(input)?.value ?? ''),
  );
  return { ...told, now, alreadySo: false };
}

function fieldOf(input: VmixInput, fields: Fields, wanted: string | null): VmixField | undefined {
  const all = input[fields];
  if (wanted === null) return all[0];
  const named = all.find(({ name }) => name === wanted);
  if (named) return named;
  // the editor of vMix shows "Name", its document "Name.Text"
  const short = all.filter(({ name }) => name.replace(/\.(Text|Source)$/, '') === wanted);
  if (short.length === 1) return short[0];
  return all.find(({ index }) => index !== null && String(index) === wanted.trim());
}

/** A document may write a line's end otherwise and leave out spaces at the ends. */
function isAs(found: string, value: string): boolean {
  const plain = (text: string) => text.replace(/\r\n?/g, '\n').trim();
  return plain(found) === plain(value);
}
