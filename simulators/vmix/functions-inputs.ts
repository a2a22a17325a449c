import { switched, type Does } from './does';
import type { Input } from './inputs';
import type { Studio } from './studio';

/** The input that `Input=` names, or the preview. */
function chosen(studio: Studio, input = '0'): Input | null {
  return studio.input(input === '' ? '0' : input);
}

const sound: Does = (studio, { input }, [, what, word]) => {
  const found = chosen(studio, input);
  if (!found) return 'No Input';
  if (found.muted === null) return 'Input has no audio';
  if (what === 'solo') {
    found.solo = switched(word, found.solo ?? false);
    studio.tell(`InputSolo ${found.number} ${found.solo ? 1 : 0}`);
    return;
  }
  found.muted = !switched(word, !found.muted);
  studio.tell(`InputAudio ${found.number} ${found.muted ? 0 : 1}`);
};

/** Faders are written, amplitudes are read. */
const volume: Does = (studio, { input, value = '' }, [, fade]) => {
  const found = chosen(studio, input);
  if (!found) return 'No Input';
  if (found.volume === null) return 'Input has no audio';
  const [text = '', ms] = value.split(',');
  if (fade && ms === undefined) return 'Value must be volume,milliseconds';
  const fader = Math.min(100, Math.max(0, Number(text)));
  if (Number.isNaN(fader)) return 'Value must be a number';
  found.volume = { amplitude: Number((100 * (fader / 100) ** 4).toPrecision(7)), fader };
  studio.tell(`InputVolume ${found.number} ${found.volume.amplitude / 100}`);
};

const masterAudio: Does = (studio, _, [, word]) => {
  studio.master.muted = !switched(word, !studio.master.muted);
  studio.tell(`MasterAudio ${studio.master.muted ? 0 : 1}`);
};

const setField: Does = (studio, { input, value = '', selectedname, selectedindex = '0' }, [, what]) => {
  const found = chosen(studio, input);
  if (!found) return 'No Input';
  const fields = what === 'text' ? 'texts' : 'images';
  found[fields] = found[fields].map((field) =>
    (selectedname === undefined ? String(field.index) === selectedindex : field.name === selectedname)
      ? { ...field, value }
      : field,
  );
};

const play: Does = (studio, { input }, [, word]) => {
  const found = chosen(studio, input);
  if (!found) return 'No Input';
  found.state = word === 'play' || (word === 'playpause' && found.state !== 'Running') ? 'Running' : 'Paused';
  studio.tell(`InputPlaying ${found.number} ${found.state === 'Running' ? 1 : 0}`);
};

const restart: Does = (studio, { input }) => {
  const found = chosen(studio, input);
  if (!found) return 'No Input';
  found.positionMs = 0;
};

const rename: Does = (studio, { input, value = '' }) => {
  const found = chosen(studio, input);
  if (!found) return 'No Input';
  found.title = value;
  found.shortTitle = value;
};

const remove: Does = (studio, { input }) => {
  const found = chosen(studio, input);
  if (!found) return 'No Input';
  studio.reorder(studio.inputs.filter((one) => one !== found));
};

const move: Does = (studio, { input, value = '' }) => {
  const found = chosen(studio, input);
  const place = Number(value);
  if (!found) return 'No Input';
  if (!Number.isInteger(place) || place < 1) return 'Value must be a number';
  const others = studio.inputs.filter((one) => one !== found);
  studio.reorder([...others.slice(0, place - 1), found, ...others.slice(place - 1)]);
};

/** Inputs, titles, sound, dynamic values, presets. */
export const INPUT_FUNCTIONS: readonly [RegExp, Does][] = [
  [/^(audio|solo)(on|off|)$/, sound],
  [/^setvolume(fade)?$/, volume],
  [/^masteraudio(on|off|)$/, masterAudio],
  [/^set(text|image)$/, setField],
  [/^setinputname$/, rename],
  [/^(play|pause|playpause)$/, play],
  [/^restart$/, restart],
  [/^addinput$/, (studio, { value = '' }) => void studio.add({ title: value.split('|').at(-1) ?? '' })],
  [/^removeinput$/, remove],
  [/^moveinput$/, move],
  [
    /^setdynamic(value|input)([1-4])$/,
    (studio, { value = '' }, [, what, place]) =>
      void (studio.dynamic[what === 'value' ? 'values' : 'inputs'][Number(place) - 1] = value),
  ],
  [/^openpreset$/, (studio, { value = '' }) => void (studio.preset = value || null)],
];
