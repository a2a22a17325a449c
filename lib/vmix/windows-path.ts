import { fail } from '../errors';

/** A path on the vMix machine, taken apart: a drive (`D:\`) or a share (`\\server\share\`), and what is below it. */
export interface WindowsPath {
  root: string;
  parts: readonly string[];
  /** the whole path, with backslashes */
  text: string;
}

/** What Windows takes for a whole path, where a program does not ask for more (MAX_PATH less its end). */
const LONGEST = 259;
const DRIVE = /^([A-Za-z]:)[\\/]+(.*)$/s;
const SHARE = /^\\\\([^\\/]+)[\\/]([^\\/]+)(?:[\\/]+(.*))?$/s;
/** Signs that no name may have in Windows, and signs that nobody sees. */
const FORBIDDEN = /[<>:"|?*]|\p{C}/u;
/** Names of devices, with any ending: a file of this name goes nowhere. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³]) *(\..*)?$/i;

/**
 * A path on the vMix machine, as it may be told to vMix. Throws INPUT_INVALID for `field` where it does not begin at a drive or
 * share, leads upwards, has names that Windows does not take, or braces, which vMix takes for the format of a date. Pure.
 */
export function windowsPath(path: string, field = 'path'): WindowsPath {
  const found = takenApart(path);
  if (typeof found === 'string') throw fail('INPUT_INVALID', { field, reason: found });
  return found;
}

/** Why a path is none that may be told to vMix; null where it is one. Pure. */
export function windowsPathFault(path: string): string | null {
  const found = takenApart(path);
  return typeof found === 'string' ? found : null;
}

function takenApart(path: string): WindowsPath | string {
  const [, drive, below] = DRIVE.exec(path) ?? [];
  const [, server, share, belowShare] = SHARE.exec(path) ?? [];
  if (drive === undefined && (server === undefined || share === undefined))
    return `"${path}" does not begin at a drive or share of the vMix machine, as D:\\pictures does`;
  const rest = (below ?? belowShare ?? '').split(/[\\/]+/).filter((part) => part !== '');
  for (const part of [...(server === undefined ? [] : [server, share!]), ...rest]) {
    const fault = faultIn(part);
    if (fault !== null) return fault;
  }
  const root = drive === undefined ? `\\\\${server}\\${share}\\` : `${drive}\\`;
  const text = root + rest.join('\\');
  if (text.length > LONGEST) return `it is longer than the ${LONGEST} signs that Windows takes`;
  return { root, parts: rest, text };
}

function faultIn(part: string): string | null {
  if (part === '.' || part === '..') return `"${part}" leads somewhere else; write the whole path`;
  if (/[{}]/.test(part)) return `"${part}" has braces, which vMix takes for the format of a date`;
  if (FORBIDDEN.test(part)) return `"${part}" has a sign that no name may have in Windows`;
  if (/[. ]$/.test(part)) return `"${part}" ends with a dot or a blank, which Windows drops`;
  if (DEVICE.test(part)) return `"${part}" is the name of a device in Windows`;
  return null;
}

/** Names of Windows are the same in capitals and without. */
const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** What of `path` lies below `folder`; null where it lies elsewhere. Pure. */
export function below(path: WindowsPath, folder: WindowsPath): readonly string[] | null {
  const inside =
    same(path.root, folder.root) && folder.parts.every((part, at) => same(part, path.parts[at] ?? ''));
  return inside ? path.parts.slice(folder.parts.length) : null;
}
