// A secret may hold any character: what hides it must not stumble over one, or every message behind it is lost.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SECRET_MARKER, hold, redactText } from '../../lib/secrets';

describe('secrets of any characters', () => {
  it('hides a password with every ASCII character, also one that is syntax somewhere', () => {
    for (let code = 33; code < 127; code++) {
      const secret = `pass${String.fromCharCode(code)}word`;
      const release = hold(secret);
      assert.equal(redactText(`it is ${secret} here`), `it is ${SECRET_MARKER} here`, secret);
      release();
    }
  });

  it('never throws, whatever the secret is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, unit: 'binary' }), (secret) => {
        const release = hold(secret);
        try {
          assert.ok(!redactText(`<${secret}>`).includes(secret));
        } finally {
          release();
        }
      }),
    );
  });
});
