import { fail } from '../errors';
import type { RecordOptions } from '../production/application';
import type { ObsClient } from './client';
import { refusedWith } from './session';
import { Status } from './status-codes';
import { text } from './values';

/** One profile parameter as it was; null means it was not set. */
interface Parameter {
  category: string;
  name: string;
  value: string | null;
}

/** What OBS writes, by the key it keeps it under. Source: OBS 29.0 (RecFormat) and 29.1 to 32.2 (RecFormat2). */
const FORMATS: Record<'RecFormat' | 'RecFormat2', readonly string[]> = {
  RecFormat: ['flv', 'mkv', 'mp4', 'mov', 'ts', 'm3u8'],
  RecFormat2: [
    'flv',
    'mkv',
    'mp4',
    'mov',
    'mpegts',
    'fragmented_mp4',
    'fragmented_mov',
    'hybrid_mp4',
    'hybrid_mov',
    'hls',
  ],
};
/** The same container under the other key. */
const ALIASES: Record<string, string> = { ts: 'mpegts', mpegts: 'ts', m3u8: 'hls', hls: 'm3u8' };

/**
 * Set folder, file name and format for the next recording; OBS has no such thing as a file name for one recording, so
 * what was set before comes back with `restore`. Throws a coded error and leaves nothing changed.
 */
export async function applyRecordSettings(
  client: ObsClient,
  options: RecordOptions,
): Promise<() => Promise<void>> {
  const old: Parameter[] = [];
  const restore = async () => {
    while (old.length) {
      await write(client, old.at(-1)!);
      old.pop();
    }
  };
  const change = async (category: string, name: string, value: string) => {
    const before = await read(client, category, name);
    if (before.used === value) return;
    old.push({ category, name, value: before.set });
    await write(client, { category, name, value });
    if ((await read(client, category, name)).used !== value)
      throw refused(name, value, 'Look at Settings, Output in OBS.');
  };
  try {
    const advanced = (await read(client, 'Output', 'Mode')).used === 'Advanced';
    const category = advanced ? 'AdvOut' : 'SimpleOutput';
    if (options.folder) await change(category, advanced ? 'RecFilePath' : 'FilePath', options.folder);
    if (options.fileName) await change('Output', 'FilenameFormatting', checkedName(options.fileName));
    if (options.format) {
      // an OBS 29.0 keeps the newer key of a profile it was given, and does not look at it: only its defaults tell
      const key = (await read(client, category, 'RecFormat2')).standard === null ? 'RecFormat' : 'RecFormat2';
      await change(category, key, formatFor(key, options.format));
    }
    return restore;
  } catch (error) {
    await restore().catch(() => undefined);
    throw error;
  }
}

/** A file name OBS can use: no ending, no way out of the folder. `%CCYY`-style places of OBS stay as they are. */
export function checkedName(name: string): string {
  const plain = name.trim();
  const bad = (reason: string) => fail('INPUT_INVALID', { field: 'file name', reason });
  if (!plain) throw bad('it is empty');
  if (plain.length > 200) throw bad('it is longer than 200 characters');
  if (/[\u0000-\u001f<>:"|?*]/.test(plain))
    throw bad('it holds a character that no file name may have (< > : " | ? * or a control character)');
  if (/^[/\\]|^[A-Za-z]:/.test(plain) || plain.split(/[/\\]/).includes('..'))
    throw bad('it leads out of the recording folder');
  return plain;
}

/** The name of a format under the key this OBS uses. Throws RECORD_SETTING_REFUSED with the formats it has. */
export function formatFor(key: 'RecFormat' | 'RecFormat2', format: string): string {
  const wanted = format.trim().toLowerCase().replace(/^\./, '');
  const found = [wanted, ALIASES[wanted]].find((name) => name !== undefined && FORMATS[key].includes(name));
  if (!found) throw refused('format', format, `This OBS has: ${FORMATS[key].join(', ')}.`);
  return found;
}

/** Whether a file is the one these options ask for; the places of OBS's name pattern match anything. */
export function isSameFile(path: string, options: RecordOptions): boolean {
  const normal = path.replace(/\\/g, '/');
  const folder = options.folder?.replace(/\\/g, '/').replace(/\/+$/, '');
  if (folder && !normal.startsWith(`${folder}/`)) return false;
  if (!options.fileName) return true;
  const name = checkedName(options.fileName).replace(/\\/g, '/');
  const depth = name.split('/').length;
  const file = normal
    .split('/')
    .slice(-depth)
    .join('/')
    .replace(/\.[A-Za-z0-9]+$/, '');
  return fitsPattern(file, name) || fitsPattern(file.replace(/ \(\d+\)$/, ''), name);
}

/** Whether the text is the pattern with something in each `%place`. By searching, since such an expression can take for ever. */
function fitsPattern(text: string, pattern: string): boolean {
  const parts = pattern.split(/(?:%[A-Za-z]+)+/);
  const last = parts.pop()!;
  const first = parts.shift();
  if (first === undefined) return text === last;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at + 1);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length > at;
}

async function read(
  client: ObsClient,
  parameterCategory: string,
  parameterName: string,
): Promise<{ set: string | null; used: string | null; standard: string | null }> {
  const answer = await client.call('GetProfileParameter', { parameterCategory, parameterName });
  const set = text(answer.parameterValue);
  const standard = text(answer.defaultParameterValue);
  return { set: set === standard ? null : set, used: set ?? standard, standard };
}

async function write(client: ObsClient, { category, name, value }: Parameter): Promise<void> {
  try {
    await client.call('SetProfileParameter', {
      parameterCategory: category,
      parameterName: name,
      parameterValue: value,
    });
  } catch (error) {
    // deleting what is not there is done already
    if (!(value === null && refusedWith(error, Status.ResourceNotFound))) throw error;
  }
}

function refused(setting: string, value: string, advice: string) {
  return fail('RECORD_SETTING_REFUSED', { setting, value, advice });
}
