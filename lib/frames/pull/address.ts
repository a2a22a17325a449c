/** An address that a stream is pulled from. `url` holds secrets. */
export interface PullAddress {
  scheme: PullScheme;
  url: string;
  /** what people may read: no path, query or login, which hold keys; of a file its path */
  where: string;
}

export const PULL_SCHEMES = ['rtmp', 'rtmps', 'rtsp', 'rtsps', 'srt', 'http', 'https', 'file'] as const;
export type PullScheme = (typeof PULL_SCHEMES)[number];

const LONGEST = 2000;

/** Reads an address as a dialog has it; a path without a scheme is a file. Else why it is none, in words that hold nothing of it. */
export function readPullAddress(
  text: string,
): { address: PullAddress; reason: null } | { address: null; reason: string } {
  const none = (reason: string) => ({ address: null, reason });
  const trimmed = text.trim();
  if (!trimmed) return none('no address is set');
  if (trimmed.length > LONGEST) return none('the address is too long');
  // it goes to ffmpeg in a line of its own
  if (/[\u0000-\u001f\u007f]/.test(trimmed)) return none('the address has control characters');
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(trimmed)?.[1]?.toLowerCase();
  if (trimmed.startsWith('/') || /^[a-z]:[\\/]/i.test(trimmed))
    return { address: file(trimmed), reason: null };
  if (scheme === 'file') return { address: file(trimmed.replace(/^file:(\/\/(?=\/))?/i, '')), reason: null };
  const known = PULL_SCHEMES.find((one) => one === scheme);
  if (!known) return none(`it begins with none of ${PULL_SCHEMES.map((one) => `${one}:`).join(', ')}`);
  let url: URL;
  try {
    url = new URL(trimmed);
  } catch {
    return none('the address cannot be understood');
  }
  if (!/^[a-z]+:\/\//i.test(trimmed) || !url.hostname) return none('the address names no host');
  return { address: { scheme: known, url: trimmed, where: `${known}://${url.host}` }, reason: null };
}

function file(path: string): PullAddress {
  return { scheme: 'file', url: `file:${path}`, where: path };
}
