// What must not be told: every form of a secret, looked for in everything that leaves.
import assert from 'node:assert/strict';

/** Every way a secret could show up. */
function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const forms = [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(secret),
    encodeURI(secret),
    encodeURIComponent(secret).replace(/%20/g, '+'),
    encodeURIComponent(secret).toLowerCase(),
    Buffer.from(secret).toString('hex'),
  ];
  for (const text of [secret, `x${secret}`, `xy${secret}`, `key=${secret}`]) {
    const core = Buffer.from(text).toString('base64').replace(/=+$/, '').slice(6, -2);
    forms.push(core, core.replace(/\+/g, '-').replace(/\//g, '_'));
  }
  forms.push(/^[A-Z]+/.exec(secret)![0]);
  return forms;
}

/** Fails where any of these secrets stands in what was told, in any form; each begins with a word that nothing else has. */
export function mustNotTell(where: string, told: unknown, secrets: Readonly<Record<string, string>>): void {
  const seen = new Set<unknown>();
  const text = JSON.stringify(told, (_name, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null) return value;
    if (seen.has(value)) return '[seen]';
    seen.add(value);
    if (value instanceof Error)
      return { ...value, message: value.message, stack: value.stack, cause: value.cause };
    return value;
  });
  for (const [name, secret] of Object.entries(secrets))
    for (const form of formsOf(secret)) {
      assert.ok(
        !text.includes(form),
        `${where} tells ${name} as ${form}: …${text.slice(Math.max(0, text.indexOf(form) - 120), text.indexOf(form) + 80)}…`,
      );
    }
}
