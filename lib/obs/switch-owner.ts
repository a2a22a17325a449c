import type { StandIn } from '../switching/port';
import type { RequestData } from './session';
import { number, object, text } from './values';

/** Begins every name of ours. */
export const NAME_PREFIX = 'live_';
/** OBS keeps settings that a source does not know, and saves them with the others (measured on OBS 29). */
export const OWNER_KEY = '_live_owner';
/** So long a name may be: longer ones are cut in OBS's lists. Source: reference of the switching, at most 62. */
const LONGEST_SLUG = 40;
/** Nothing that anybody put there is read beyond so many characters. */
const LONGEST_TEXT = 256;
const NAME = /^live_[a-z][a-z0-9-]{0,39}_([0-9a-z]{8,9})_[0-9a-z]{1,8}$/;
const RANDOM_LETTERS = 5;

/** Who made a source, and for what; written into its settings. Holds no secret. */
export interface OwnerTag {
  /** of the connection: what another Node-RED made is not ours */
  owner: string;
  slot: string;
  /** the name it was given: one that was renamed or copied has another, and belongs to the user */
  name: string;
  /** of the wish it was made for */
  fingerprint: string;
  /** of what it plays, as it was made: somebody may have changed it since */
  made: string;
}

/**
 * A new name for a source of this slot, at most 62 characters: `live_<slot>_<time>_<chance>`. What it says of the slot is for people;
 * the tag decides.
 * @param chance from 0 to 1
 */
export function sourceName(slot: string, atMs: number, chance: number): string {
  const plain = slot
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, LONGEST_SLUG - 1)
    .replace(/-+$/, '');
  // a number behind `live_` would look like a key of Twitch, and be hidden as one
  const slug = /^[a-z]/.test(plain) ? plain : `s${plain}`;
  const random = Math.floor(chance * 36 ** RANDOM_LETTERS)
    .toString(36)
    .padStart(RANDOM_LETTERS, '0')
    .slice(-RANDOM_LETTERS);
  return `${NAME_PREFIX}${slug}_${Math.floor(atMs).toString(36)}_${random}`;
}

/** When a source of this name was made, in milliseconds since 1970; null: it is no name of ours. */
export function madeAt(name: string): number | null {
  const time = NAME.exec(name)?.[1];
  return time === undefined ? null : parseInt(time, 36);
}

/**
 * The tag as it goes into the settings. Whoever sees a digest could try names until one gives it, so each has a name that says secret,
 * and is hidden with the address wherever these settings are told.
 */
export function tagSettings({ fingerprint, made, ...tag }: OwnerTag): RequestData {
  return { [OWNER_KEY]: { v: 1, ...tag, fingerprint_secret: fingerprint, made_secret: made } };
}

/**
 * The tag of a source, or null where it is not ours: another name than it was given, another owner, or settings that say something
 * else. Anybody may have written them.
 */
export function ownerOf(name: string, settings: unknown, owner: string): OwnerTag | null {
  const tag = tagOf(name, settings);
  return tag?.owner === owner ? tag : null;
}

/** The tag of a source that carries its own name, whoever made it; null: there is none. */
export function tagOf(name: string, settings: unknown): OwnerTag | null {
  if (madeAt(name) === null) return null;
  const tag = object(object(settings)[OWNER_KEY]);
  const says = (key: string) => {
    const value = Object.hasOwn(tag, key) ? text(tag[key]) : null;
    return value !== null && value.length <= LONGEST_TEXT ? value : null;
  };
  const [slot, fingerprint, made] = [says('slot'), says('fingerprint_secret'), says('made_secret')];
  const owner = says('owner');
  if (number(tag.v) !== 1 || says('name') !== name || owner === null || slot === null) return null;
  return { owner, slot, name, fingerprint: fingerprint ?? '', made: made ?? '' };
}

/** The mark of what was live and verified, in the private settings of its scene item. */
const MARK_KEY = '_live_mark';

/** The mark as it goes into an item's private settings. */
export function markSettings(name: string, live: boolean): RequestData {
  return { [MARK_KEY]: { v: 1, name, live } };
}

/** Whether an item's private settings carry the mark of this very source. */
export function isMarked(name: string, settings: unknown): boolean {
  const mark = object(object(settings)[MARK_KEY]);
  return mark.v === 1 && mark.live === true && mark.name === name;
}

/** What stands in for a live source, in the private settings of its item: beside the mark, never in its place. */
const STAND_IN_KEY = '_live_stand_in';

/** That a source stands in for a live one, as it goes into its item's private settings. */
export function standInSettings(how: StandIn | null): RequestData {
  return { [STAND_IN_KEY]: { v: 1, how: how ?? 'no' } };
}

/** What an item's private settings say of standing in; null: nothing that is ours. */
export function standInOf(settings: unknown): StandIn | null {
  const { v, how } = object(object(settings)[STAND_IN_KEY]);
  return v === 1 && (how === 'shown' || how === 'was-visible') ? how : null;
}
