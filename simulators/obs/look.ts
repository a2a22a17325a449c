import type { SimulatedHealth, SimulatedPicture } from './health';
import type { Input, Scene } from './sources';

/** One colour as red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** What a source shows: one colour, or a pattern that stands or moves. */
export type Look = { colour: Colour } | { pattern: Exclude<SimulatedPicture, 'black'> };

const BLACK: Look = { colour: [0, 0, 0] };
const MOVING: Look = { pattern: 'moving' };
const FROZEN: Look = { pattern: 'frozen' };

/** What OBS's own picture of this source shows; a scene without anything in it is black (measured). */
export function lookOf(source: Input | Scene, health: SimulatedHealth): Look {
  return find(source, health, new Set())?.look ?? BLACK;
}

/** `solid`: nothing can be seen behind it. Null: it shows nothing. */
function find(
  source: Input | Scene,
  health: SimulatedHealth,
  seen: Set<Scene>,
): { look: Look; solid: boolean } | null {
  const scripted = health.pictureOf(source.name);
  if (scripted !== null) return { look: scripted === 'black' ? BLACK : { pattern: scripted }, solid: true };
  if (source.type === 'input') return findInput(source, health);
  if (seen.has(source)) return null;
  seen.add(source);
  let above: { look: Look; solid: boolean } | null = null;
  for (const { source: inner, enabled } of [...source.items].reverse()) {
    const found = enabled ? find(inner, health, seen) : null;
    if (found?.solid) return found;
    above ??= found;
  }
  return above;
}

function findInput(input: Input, health: SimulatedHealth): { look: Look; solid: boolean } | null {
  const { unversioned, video, media } = input.about;
  if (!video) return null;
  if (media) return findMedia(input, health);
  switch (unversioned) {
    case 'color_source':
      return {
        look: { colour: colourOf(Number(input.settings.color ?? input.about.defaults.color)) },
        solid: true,
      };
    case 'image_source':
      return { look: FROZEN, solid: true };
    case 'text_ft2_source':
      // the credits of the rehearsal crawl, so that a scene of nothing else is alive
      return { look: MOVING, solid: false };
    default:
      return { look: MOVING, solid: true };
  }
}

function findMedia(input: Input, health: SimulatedHealth): { look: Look; solid: boolean } | null {
  const { settings, media } = input;
  const scripted = health.mediaOf(input.name);
  const made = settings.input_format === 'lavfi' ? String(settings.input) : '';
  if (/^(a?sine|anullsrc|anoisesrc|aevalsrc)\b/.test(made) || scripted === 'unopened') return null;
  if (scripted === 'ended')
    return settings.clear_on_media_end === false ? { look: FROZEN, solid: true } : null;
  if (!media || media.picture === 'nothing') return null;
  const stands = media.picture === 'still' || scripted === 'stalled' || made.startsWith('color');
  return { look: stands ? FROZEN : MOVING, solid: true };
}

/** OBS keeps a colour as a number, red lowest. */
function colourOf(value: number): Colour {
  return [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff];
}
