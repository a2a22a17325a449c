import { existsSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import type { Profiles } from './profiles';

const EXTENSIONS: Record<string, string> = {
  mpegts: 'ts',
  hls: 'm3u8',
  fragmented_mp4: 'mp4',
  fragmented_mov: 'mov',
  hybrid_mp4: 'mp4',
  hybrid_mov: 'mov',
};

/** The recording format as the current profile has it. */
export function recordFormat(profiles: Profiles, parameter: string): string {
  return profiles.get(profiles.advanced ? 'AdvOut' : 'SimpleOutput', parameter) ?? 'mkv';
}

export function recordFolder(profiles: Profiles): string {
  return (
    (profiles.advanced ? profiles.get('AdvOut', 'RecFilePath') : profiles.get('SimpleOutput', 'FilePath')) ??
    ''
  );
}

/** Does the folder exist on this machine? OBS starts no recording into one that doesn't. */
export function folderExists(folder: string): boolean {
  try {
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}

/** A file name out of OBS's `FilenameFormatting`. */
export function formatName(format: string, at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  const months =
    'January February March April May June July August September October November December'.split(' ');
  const day = days[at.getDay()] ?? '';
  const month = months[at.getMonth()] ?? '';
  const offset = -at.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const values: Record<string, string> = {
    '%CCYY': String(at.getFullYear()),
    '%YY': two(at.getFullYear() % 100),
    '%MM': two(at.getMonth() + 1),
    '%DD': two(at.getDate()),
    '%hh': two(at.getHours()),
    '%mm': two(at.getMinutes()),
    '%ss': two(at.getSeconds()),
    '%%': '%',
    '%a': day.slice(0, 3),
    '%A': day,
    '%b': month.slice(0, 3),
    '%B': month,
    '%d': two(at.getDate()),
    '%H': two(at.getHours()),
    '%I': two(at.getHours() % 12 || 12),
    '%m': two(at.getMonth() + 1),
    '%M': two(at.getMinutes()),
    '%p': at.getHours() < 12 ? 'AM' : 'PM',
    '%s': String(Math.floor(at.getTime() / 1000)),
    '%S': two(at.getSeconds()),
    '%y': two(at.getFullYear() % 100),
    '%Y': String(at.getFullYear()),
    '%z': zone,
    '%Z': 'UTC',
  };
  return format.replace(
    /%(?:CCYY|YY|MM|DD|hh|mm|ss|%|[aAbBdHImMpsSyYzZ])/g,
    (place) => values[place] ?? place,
  );
}

/** The path the next recording gets; a name already taken gets ` (2)`, ` (3)` … unless files are overwritten. */
export function nextPath(profiles: Profiles, parameter: string, used: Set<string>, prefix = ''): string {
  const format = recordFormat(profiles, parameter);
  const extension = EXTENSIONS[format] ?? format;
  const folder = recordFolder(profiles).replace(/[/\\]+$/, '');
  const pattern = profiles.get('Output', 'FilenameFormatting') ?? '';
  const wanted = `${folder}/${prefix}${formatName(pattern, new Date())}.${extension}`;
  if (profiles.flag('Output', 'OverwriteIfExists')) return wanted;
  const taken = (path: string) => used.has(path) || existsSync(path);
  if (!taken(wanted)) return wanted;
  const end = extname(wanted);
  const stem = wanted.slice(0, wanted.length - end.length);
  let number = 2;
  while (taken(`${stem} (${number})${end}`)) number += 1;
  return `${stem} (${number})${end}`;
}
