import type { Data } from './fields';
import type { SimulatedHealth } from './health';
import type { Input } from './sources';
import type { Studio } from './studio';

/** What ffmpeg's own sine wave peaks at: an eighth of full scale. */
const TONE = 0.125;

/** One message of the volume meters. As in OBS: inputs that are on air and no other, muted ones too, with the peak behind the fader. */
export function levels(studio: Studio): Data[] {
  const { production, health, random } = studio;
  const onAir = production.onAir();
  return production.inputs
    .filter((input) => input.about.audio && onAir.has(input))
    .map((input) => {
      const peak = peakOf(input, health, random);
      const volume = input.muted ? 0 : input.volume;
      const channel = peak === null ? [] : [peak * 0.5 * volume, peak * volume, peak];
      return {
        ...production.named('input', input),
        inputLevelsMul: peak === null ? [] : [channel, channel],
      };
    });
}

/** The peak before the fader; null for an input that has no sound track, which OBS lists without any channel. */
function peakOf(input: Input, health: SimulatedHealth, random: () => number): number | null {
  const scripted = health.peakOf(input.name);
  if (scripted !== null) return scripted;
  const speech = 0.1 + random() * 0.4;
  if (!input.about.media) return speech;
  const { settings, media } = input;
  const made = settings.input_format === 'lavfi' ? String(settings.input) : null;
  const hasSound = made === null || /(^|[^a-z])(a?sine|anullsrc|anoisesrc|aevalsrc)\b/.test(made);
  if (!media || media.state === 'NONE' || !hasSound || health.mediaOf(input.name) === 'unopened') return null;
  const stands = health.mediaOf(input.name) === 'stalled' || health.mediaOf(input.name) === 'ended';
  if (!media.runs || stands || made?.includes('anullsrc')) return 0;
  return made === null ? speech : TONE;
}
