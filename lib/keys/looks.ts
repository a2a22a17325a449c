/**
 * How keys and tokens look: ours (32 letters of base32, a signature behind a dot, any 40 signs in a row), and those that platforms give out: groups of
 * four (YouTube), `live_1234…_` (Twitch), `FB-1234…`, a UUID, twelve figures in a row, or sixteen letters and figures mixed.
 */
const SECRETS = [
  /[a-z2-7]{32}|\.[A-Za-z0-9_-]{43}|[A-Za-z0-9_-]{40}/,
  /(?:^|[^A-Za-z0-9])[A-Za-z0-9]{4}(?:-[A-Za-z0-9]{4}){3}/,
  /^(?:live|sk|re)_|^FB-\d/i,
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}/i,
  /\d{12}/,
  /(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{16}/,
];

/**
 * Whether a name that nobody is known by may be a secret which somebody pasted where the name belongs. It may be wrong both ways: an odd name is not told,
 * and a key of a few signs that reads like a name is.
 */
export function mayBeSecret(name: string): boolean {
  return SECRETS.some((pattern) => pattern.test(name));
}
