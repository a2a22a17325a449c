import { asLiveError, fail, type LiveError } from '../errors';
import { redactText } from '../secrets';
import { ACTIVATOR_NAMES, TALLY_EVENT } from './activators';
import { CallPasswords } from './call-passwords';
import { VMIX_FUNCTIONS } from './functions';
import { VmixHttp } from './http';
import { findInput } from './inputs';
import { transitionNames } from './transitions';
import type { VmixSettings } from './settings';
import type { VmixInput, VmixState } from './state-types';
import { TcpSession, TCP_TIMINGS } from './tcp-session';
import { offWhere } from './web-controller';

/** The lists that dialogs choose from. */
export const LISTS = [
  'inputs',
  'transitions',
  'audio',
  'channels',
  'srt',
  'outputs',
  'functions',
  'events',
  'texts',
  'images',
  'playable',
  'textFields',
  'imageFields',
] as const;
export type ListName = (typeof LISTS)[number];

/** One choice of a dialog's list. */
export interface Choice {
  value: string;
  label?: string;
}

export interface ProbeResult {
  where: string;
  version: string;
  edition: string | null;
  inputs: number;
  channels: number;
  /** whether this version shows if SRT goes out */
  showsSrt: boolean;
  /** from asking to the whole document */
  tookMs: number;
  /** why the TCP port does not answer; null where it does, or none is set: news then comes with the polls */
  tcpFault: LiveError | null;
}

/** Quicker than a connection: a person waits for it. */
const TEST_MS = 5_000;

/** Connect once to both ports and say what answered. Rejects with a coded error that names the fault of the web controller. */
export async function testVmix(settings: VmixSettings, ms = TEST_MS): Promise<ProbeResult> {
  const tcp = testTcp(settings, ms);
  try {
    const { state, tookMs } = await readOnce(settings, ms);
    return {
      where: `${settings.host}:${settings.port}`,
      version: state.version.text,
      edition: state.edition,
      inputs: state.inputs.length,
      channels: state.streaming.channelCount,
      showsSrt: state.outputs !== null,
      tookMs: Math.round(tookMs),
      tcpFault: await tcp,
    };
  } catch (error) {
    const fault = asLiveError(error);
    throw settings.tcpPort !== null && (await tcp) === null ? offWhere(fault) : fault;
  } finally {
    await tcp;
  }
}

/** One of the dialog's lists over a connection of its own. */
export async function listOnce(
  settings: VmixSettings,
  what: ListName,
  of = '',
  ms = TEST_MS,
): Promise<Choice[]> {
  if (what === 'functions' || what === 'events') return listFrom(null, what);
  return listFrom((await readOnce(settings, ms)).state, what, of);
}

/** One of the dialog's lists, out of a state; functions and events need none. The passwords of calls are in none of them. */
export function listFrom(state: VmixState | null, what: ListName, of = ''): Choice[] {
  const passwords = new CallPasswords();
  if (state) passwords.see(state);
  try {
    return choicesFrom(state, what, of);
  } finally {
    passwords.clear();
  }
}

function choicesFrom(state: VmixState | null, what: ListName, of: string): Choice[] {
  const those = (fits: (input: VmixInput) => boolean) =>
    state ? state.inputs.filter(fits).map((input) => choiceOf(state, input)) : [];
  switch (what) {
    case 'inputs':
      return those(() => true);
    case 'texts':
    case 'images':
      return those(({ [what]: fields }) => fields.length > 0);
    case 'playable':
      return those(({ durationMs, page }) => (durationMs ?? 0) > 0 && !page);
    case 'textFields':
    case 'imageFields': {
      const input = state && findInput(state, of).input;
      const fields = input?.[what === 'textFields' ? 'texts' : 'images'] ?? [];
      return fields.map(({ name, index }) => ({ value: name || String(index) }));
    }
    case 'transitions':
      return state ? transitionChoices(state) : [];
    case 'audio':
      return those(({ volume }) => volume !== null);
    case 'channels':
      return count(state?.streaming.channelCount ?? 5).map((value) => ({ value }));
    case 'srt':
      return count(4).map((value) => ({ value }));
    case 'outputs':
      return ['external', 'multicorder', 'fullscreen'].map((value) => ({ value }));
    case 'functions':
      return VMIX_FUNCTIONS.map(({ name, does }) => ({ value: name, label: `${name}: ${does}` }));
    case 'events':
      return [TALLY_EVENT, ...ACTIVATOR_NAMES].map((value) => ({ value }));
  }
}

/**
 * An input to choose. Its value stays when inputs are moved, so it is never the number: the name where that fits this input and no
 * other, since a person can read it in a flow, else the key. Behind the name a list's title has the item it stands on (capture of
 * vMix 27: `Left_Top - DC CORE_Top.png`, short title `Left_Top`), so the short one goes first. A name with a password in it would
 * take that into the flow.
 */
function choiceOf(state: VmixState, input: VmixInput): Choice {
  const { key, number, title, shortTitle } = input;
  // a name that is a number would one day fit the input with that number
  const names = [shortTitle, title].filter((one): one is string => Boolean(one) && !/^\s*\d*\s*$/.test(one!));
  const name = names.find((one) => redactText(one) === one && findInput(state, one).input === input);
  return { value: name ?? (key || String(number)), label: `${number} ${redactText(title)}` };
}

/** The buttons beside the preview, with what the operator set for each, then every effect. */
function transitionChoices({ version, transitions }: VmixState): Choice[] {
  const names = transitionNames(version.major);
  const buttons = transitions.map(({ number, effect, durationMs }) => ({
    value: `Transition${number}`,
    label: `Transition${number}: ${effect}${durationMs === null ? '' : `, ${durationMs} ms`}`,
  }));
  return [
    ...buttons.filter(({ value }) => names.includes(value)),
    ...names.filter((name) => !name.startsWith('Transition')).map((value) => ({ value })),
  ];
}

function count(most: number): string[] {
  return Array.from({ length: most }, (_, index) => String(index + 1));
}

async function readOnce(settings: VmixSettings, ms: number) {
  const http = new VmixHttp({ ...settings, timings: { connect: ms, call: ms } });
  try {
    return await http.state();
  } finally {
    await http.close();
  }
}

/** Null where the TCP port greets, or none is set. Always resolves. */
async function testTcp({ host, tcpPort }: VmixSettings, ms: number): Promise<LiveError | null> {
  if (tcpPort === null) return null;
  try {
    const session = await TcpSession.open(
      {
        host,
        port: tcpPort,
        where: `${host}:${tcpPort}`,
        timings: { ...TCP_TIMINGS, connect: ms, call: ms, greeting: Math.min(TCP_TIMINGS.greeting, ms / 3) },
        onEvent: () => undefined,
      },
      new AbortController().signal,
    );
    session.end(fail('VMIX_CLOSED', { action: 'the test' }));
    return null;
  } catch (error) {
    return asLiveError(error);
  }
}
