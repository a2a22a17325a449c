import { documentParts } from './document';
import type { PortHost } from './port';
import type { Studio } from './studio';

export interface Answer {
  /** the line, without its end */
  text: string;
  /** what follows a length, with the line end that counts among it */
  body: Buffer | null;
  /** lines that come after it */
  then: string[];
  quits: boolean;
}

const answer = (text: string, then: string[] = []): Answer => ({ text, body: null, then, quits: false });

/** What the TCP port answers to one line. Commands are taken in any case. */
export function answerTo(line: string, host: PortHost, subscribed: Set<string>): Answer {
  const [, word = '', rest = ''] = /^(\S+)(?: +([^]*))?$/.exec(line) ?? [];
  const command = word.toUpperCase();
  const { studio } = host;
  if (command !== 'FUNCTION') host.asked(command, { text: rest });
  switch (command) {
    case 'VERSION':
      return answer(`VERSION OK ${studio.version}`);
    case 'PING':
      return answer('PING OK PONG');
    case 'QUIT':
      return { ...answer('QUIT OK'), quits: true };
    case 'TALLY':
      return answer(`TALLY OK ${studio.tally}`);
    case 'XML':
      return framed('XML', host.document());
    case 'XMLTEXT':
      return xmlText(rest, studio);
    case 'ACTS':
      return acts(rest, studio);
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      return subscription(command, rest.toUpperCase(), studio, subscribed);
    case 'FUNCTION':
      return callFunction(rest, host);
    default:
      return answer(`${command} ER Unknown Command`);
  }
}

/** The length is in bytes and counts the line end. */
function framed(command: string, text: string): Answer {
  const body = Buffer.from(`${text}\r\n`);
  return { ...answer(`${command} ${body.length}`), body };
}

/** A function is done before its answer goes, so that its tally goes first. */
function callFunction(rest: string, host: PortHost): Answer {
  const [, name = '', query = ''] = /^(\S*)(?: +([^]*))?$/.exec(rest) ?? [];
  const parameters: Record<string, string> = {};
  for (const [key, value] of new URLSearchParams(query)) parameters[key.toLowerCase()] ??= value;
  host.asked(name, parameters);
  const { error } = host.run(name, parameters);
  return answer(error === null ? 'FUNCTION OK Completed' : `FUNCTION ER ${error}`);
}

/** Subscribing to ACTS brings no present state; subscribing to TALLY does. */
function subscription(command: string, what: string, studio: Studio, subscribed: Set<string>): Answer {
  if (what !== 'TALLY' && what !== 'ACTS') return answer(`${command} ER Unknown Event`);
  if (command === 'UNSUBSCRIBE') {
    subscribed.delete(what);
    return answer(`UNSUBSCRIBE OK ${what}`);
  }
  subscribed.add(what);
  return answer(`SUBSCRIBE OK ${what} Subscribed`, what === 'TALLY' ? [`TALLY OK ${studio.tally}`] : []);
}

/** The present state of an activator. */
function acts(rest: string, studio: Studio): Answer {
  const [name = '', number] = rest.trim().split(/ +/);
  const { state } = studio;
  const bit = (on: boolean | null) => (on ? 1 : 0);
  const whole: Record<string, string> = {
    Recording: String(bit(state.recording.on)),
    Streaming: String(bit(state.streaming.on)),
    External: String(bit(state.external)),
    MultiCorder: String(bit(state.multiCorder)),
    Fullscreen: String(bit(state.fullscreen)),
    FadeToBlack: String(bit(state.fadeToBlack)),
    MasterAudio: String(bit(!studio.master.muted)),
    MasterVolume: String((studio.master.volume?.amplitude ?? 0) / 100),
  };
  const shown = whole[name];
  if (shown !== undefined) return answer(`ACTS OK ${name} ${shown}`);
  const overlay = /^Overlay([1-9]\d?)$/.exec(name)?.[1];
  const known = /^Input(Preview|Playing|Audio|Volume|Solo)?$/.test(name);
  if (!known && (overlay === undefined || Number(overlay) > studio.profile.usableOverlays))
    return answer('ACTS ER Invalid Activator');
  const input = number === undefined ? null : studio.input(number);
  if (!input) return answer('ACTS ER No Input');
  const values: Record<string, number> = {
    Input: bit(input.number === state.active),
    InputPreview: bit(input.number === state.preview),
    InputPlaying: bit(input.state === 'Running'),
    InputAudio: bit(input.muted === false),
    InputVolume: (input.volume?.amplitude ?? 0) / 100,
    InputSolo: bit(input.solo),
  };
  const value =
    values[name] ??
    bit(studio.overlays.some((one) => String(one.number) === overlay && one.inputNumber === input.number));
  return answer(`ACTS OK ${name} ${input.number} ${value}`);
}

/** A path as `vmix/version` or `vmix/inputs/input[2]/@title`; what has several lines comes with its length. */
function xmlText(path: string, studio: Studio): Answer {
  const text = textAt(path.trim(), studio);
  if (text === null) return answer('XMLTEXT ER XML Entry Not Found');
  return /[\r\n]/.test(text) ? framed('XMLTEXT', text) : answer(`XMLTEXT OK ${text}`);
}

function textAt(path: string, studio: Studio): string | null {
  const [, place, attribute] = /^vmix\/inputs\/input\[(\d+)\]\/@(\w+)$/.exec(path) ?? [];
  if (place !== undefined) {
    const input = studio.inputs[Number(place) - 1] as Record<string, unknown> | undefined;
    const value = input?.[attribute ?? ''];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
  }
  const name = /^vmix\/(\w+)$/.exec(path)?.[1];
  const xml = documentParts(studio.state).find(([one]) => one === name)?.[1];
  return xml === undefined || xml.slice(1, -1).includes('/>')
    ? null
    : (/^<[^>]*>([^<]*)</.exec(xml)?.[1] ?? null);
}
