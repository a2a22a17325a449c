import { switched, type Does } from './does';
import { writePicture } from './pictures';
import type { Flag, Studio } from './studio';

const FLAGS: Readonly<Record<string, Flag>> = {
  external: 'external',
  multicorder: 'multiCorder',
  playlist: 'playList',
};
/** A fade takes this long without a duration. */
const FADE_MS = 500;

/** `value` as the function has it: from 0, blank for output 1. */
const srt: Does = (studio, { value = '' }, [, word = '']) => {
  const number = value.trim() === '' ? 1 : /^\s*\d+\s*$/.test(value) ? Number(value) + 1 : 0;
  studio.srt(number, word === 'startstop' ? 'toggle' : word === 'start');
};

const startStop: Does = (studio, _, [, word, what = '']) => {
  const flag = FLAGS[what];
  if (flag) studio.setFlag(flag, switched(word === 'startstop' ? '' : word, studio.flag(flag)));
};

const snapshot: Does = (studio, { value = '' }) => {
  // a window opens on the machine, and nobody may be there
  if (value.trim() === '') studio.openWindows += 1;
  else studio.soon(200, () => writePicture(value, studio.writesFiles));
};

/** Leaves the preview alone, and any mix. */
const cutDirect: Does = (studio, { input = '' }) => {
  const wanted = studio.input(input);
  if (!wanted) return 'No Input';
  studio.show(wanted.number, studio.preview);
};

/** To the input, or to the preview; what was on air goes to the preview. A second mix is beyond this simulator. */
const transition: Does = (studio, { input, duration, mix = '0' }, [, effect = '']) => {
  const wanted = input === undefined || input === '' ? studio.preview : studio.input(input)?.number;
  if (wanted === undefined) return 'No Input';
  if (mix !== '0') return;
  const button = /^transition([1-4])$/.exec(effect)?.[1];
  const usual = button ? studio.transitions[Number(button) - 1]?.durationMs : FADE_MS;
  const ms = effect === 'cut' ? 0 : Number(duration) > 0 ? Number(duration) : (usual ?? FADE_MS);
  studio.soon(ms, () => {
    const was = studio.active;
    if (wanted !== was) studio.show(wanted, was);
  });
};

const preview: Does = (studio, { input = '', mix = '0' }, [, step]) => {
  const count = studio.inputs.length;
  const wanted =
    step === ''
      ? studio.input(input)?.number
      : ((studio.preview + (step === 'next' ? 0 : count - 2)) % Math.max(1, count)) + 1;
  if (wanted === undefined) return 'No Input';
  if (mix === '0') studio.show(studio.active, wanted);
};

const activeInput: Does = (studio, { input = '', mix = '0' }) => {
  const wanted = studio.input(input);
  if (!wanted) return 'No Input';
  if (mix === '0') studio.show(wanted.number, studio.preview);
};

const overlay: Does = (studio, { input }, [, digit = '', word = '']) => {
  const number = Number(digit);
  if (number > studio.profile.usableOverlays) return;
  if (word === 'out' || word === 'off') return studio.overlay(number, null);
  const wanted = studio.input(input ?? '0')?.number;
  if (wanted === undefined) return 'No Input';
  const present = studio.overlays.find((one) => one.number === number);
  const there = present?.inputNumber === wanted && !present.preview;
  studio.overlay(number, word === '' && there ? null : wanted);
};

const previewOverlay: Does = (studio, { input }, [, digit = '']) => {
  const number = Number(digit);
  const wanted = studio.input(input ?? '0')?.number;
  if (wanted === undefined) return 'No Input';
  const present = studio.overlays.find((one) => one.number === number);
  studio.overlay(number, present?.preview && present.inputNumber === wanted ? null : wanted, true);
};

const EFFECTS =
  'cut|fade|merge|(?:vertical)?(?:wipe|slide)(?:reverse)?|fly(?:rotate)?|(?:cross)?zoom|cube(?:zoom)?|stinger[1-8]|transition[1-4]';

/** Streams, recordings, outputs, switching, overlays. */
export const PRODUCTION_FUNCTIONS: readonly [RegExp, Does][] = [
  [/^startstreaming$/, (studio: Studio, { value = '' }) => studio.channels.start(value)],
  [/^stopstreaming$/, (studio, { value = '' }) => studio.channels.stop(value)],
  [/^startstopstreaming$/, (studio, { value = '' }) => studio.channels.toggle(value)],
  [/^streamingseturl$/, (studio, { value = '' }) => studio.channels.set('url', value)],
  [/^streamingsetkey$/, (studio, { value = '' }) => studio.channels.set('key', value)],
  [/^streamingsetusername$/, (studio, { value = '' }) => studio.channels.set('userName', value)],
  [/^streamingsetpassword$/, (studio, { value = '' }) => studio.channels.set('password', value)],
  [/^(startstop|start|stop)srtoutput$/, srt],
  [/^startrecording$/, (studio) => studio.record(true)],
  [/^stoprecording$/, (studio) => studio.record(false)],
  [/^startstoprecording$/, (studio) => studio.record(!studio.recording.on)],
  [/^(startstop|start|stop)(external|multicorder|playlist)$/, startStop],
  [
    /^fullscreen(on|off|)$/,
    (studio, _, [, word]) => studio.setFlag('fullscreen', switched(word, studio.flag('fullscreen'))),
  ],
  [/^fadetoblack$/, (studio) => studio.setFlag('fadeToBlack', !studio.flag('fadeToBlack'))],
  [/^snapshot(input)?$/, snapshot],
  [/^(cutdirect|quickplay)$/, cutDirect],
  [/^activeinput$/, activeInput],
  [new RegExp(`^(${EFFECTS})$`), transition],
  [/^previewinput(next|previous|)$/, preview],
  [/^overlayinput([1-8])(in|out|off|)$/, overlay],
  [/^previewoverlayinput([1-8])$/, previewOverlay],
  [/^overlayinputalloff$/, (studio) => studio.overlays.forEach(({ number }) => studio.overlay(number, null))],
];
