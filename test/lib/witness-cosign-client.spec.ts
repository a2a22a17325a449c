// A log that asks a cosigner: what it takes for an answer, and that nothing at the other end holds it up.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LiveError, type ErrorCode } from '../../lib/errors';
import { cosign, verifyCosignature, parseSignatureLines } from '../../lib/witness/cosign/cosignature';
import { httpCosigner, type HttpCosignerOptions } from '../../lib/witness/cosign/client';
import { KEY_TYPES, signerOf } from '../../lib/witness/keys';
import { parseNote } from '../../lib/witness/note';
import { GrowingLog } from '../support/growing-log';
import { findProgram, freePort, tempDir } from '../support';
import { certificates } from '../support/certificates';

const signer = signerOf('cosigner.example', Buffer.alloc(32, 9), KEY_TYPES.cosigner);
const vkey = signer.verifier.text;
const built = join(__dirname, '../../dist/lib/witness/cosign/client.js');
const SECRET = 'tok3n-of-the-studio';
const never = new AbortController().signal;

interface Asked {
  head: string;
  old: number;
  proof: number;
  note: string;
}

/** Says these bytes to each request in turn; the last again and again. */
class Answering {
  readonly asked: Asked[] = [];
  readonly sockets = new Set<Socket>();
  url = '';
  private readonly server: Server;

  constructor(private readonly answers: (string | ((asked: Asked, socket: Socket) => string | null))[]) {
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      let had = '';
      socket.on('data', (part) => {
        had += part.toString();
        const end = had.indexOf('\r\n\r\n');
        const length = Number(/content-length: (\d+)/i.exec(had)?.[1] ?? NaN);
        if (end < 0 || Buffer.byteLength(had.slice(end + 4)) < length) return;
        const [head, body] = [had.slice(0, end), had.slice(end + 4)];
        had = '';
        const split = body.indexOf('\n\n');
        const [first = '', ...proof] = body.slice(0, split).split('\n');
        const one = { head, old: Number(first.slice(4)), proof: proof.length, note: body.slice(split + 2) };
        this.asked.push(one);
        const answer = this.answers[Math.min(this.asked.length, this.answers.length) - 1]!;
        const text = typeof answer === 'string' ? answer : answer(one, socket);
        if (text !== null) socket.write(text);
      });
    });
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const { port } = this.server.address() as { port: number };
    this.url = `http://127.0.0.1:${port}/${SECRET}/`;
    return this;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

const http = (status: number, body: string, type = 'text/plain'): string =>
  `HTTP/1.1 ${status} X\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const signs =
  (by = signer, seconds = 0, before = '') =>
  ({ note }: Asked): string =>
    http(200, `${before}${cosign(by, parseNote(note)!.text, Math.floor(Date.now() / 1000) + seconds)}\n`);

async function failing(work: Promise<unknown>, code: ErrorCode): Promise<LiveError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof LiveError, String(error));
    assert.equal(error.code, code, error.message);
    assert.ok(!`${String(error)} ${JSON.stringify(error)}`.includes(SECRET), 'the address is a secret');
    return error;
  }
  return assert.fail(`${code} was to come`);
}

describe('a log that asks a cosigner', () => {
  const opened: Answering[] = [];
  const log = new GrowingLog().grow(20);
  const proof = (size: number) => (old: number) => Promise.resolve(log.proof(old, size));

  async function answering(...answers: ConstructorParameters<typeof Answering>[0]): Promise<Answering> {
    const one = await new Answering(answers).open();
    opened.push(one);
    return one;
  }
  const client = (server: { url: string }, more: Partial<HttpCosignerOptions> = {}) =>
    httpCosigner({ url: server.url, vkey, timeoutMs: 5000, ...more });
  const ask = (of: ReturnType<typeof httpCosigner>, size = 20, signal = never) =>
    of.cosign(log.note(size), size, proof(size), signal);

  afterEach(() => opened.splice(0).forEach((one) => one.close()));

  it('takes a cosignature, and goes on from there with a proof', async () => {
    const server = await answering(signs());
    const cosigner = client(server);
    assert.deepEqual([cosigner.name, cosigner.vkey], ['cosigner.example', vkey]);
    const line = await ask(cosigner, 8);
    const [{ signature } = assert.fail()] = parseSignatureLines(line)!;
    assert.ok(verifyCosignature(signer.verifier, parseNote(log.note(8))!.text, signature));
    await ask(cosigner, 13);
    await ask(cosigner, 13);
    assert.deepEqual(
      server.asked.map(({ old, proof: lines }) => [old, lines]),
      [
        [0, 0],
        [8, log.proof(8, 13).length],
        [13, 0],
      ],
    );
    assert.match(server.asked[0]!.head, new RegExp(`^POST /${SECRET}/add-checkpoint HTTP/1.1`));
    assert.equal(server.sockets.size, 1, 'over one connection');
  });

  it('catches up where the cosigner knows more than it thought, or less', async () => {
    const server = await answering(http(409, '6\n', 'text/x.tlog.size'), signs(), http(409, '3\n'), signs());
    const cosigner = client(server);
    await ask(cosigner, 9);
    await ask(cosigner, 12);
    assert.deepEqual(
      server.asked.map(({ old }) => old),
      [0, 6, 9, 3],
    );
  });

  it('tells a log that was put back from a cosigner that is only ahead of an older call', async () => {
    const ahead = client(await answering(http(409, '21\n')));
    assert.match((await failing(ask(ahead), 'WITNESS_COSIGNER_AHEAD')).message, /21 entries.*only 20/);
    const server = await answering(signs(), http(409, '20\n'));
    const busy = client(server);
    await ask(busy, 20);
    await failing(ask(busy, 10), 'WITNESS_COSIGNER_OUTDATED');
    // it is asked anew each time: one wrong word is not remembered
    const wrong = client(await answering(http(409, '9000000000000000\n'), signs()));
    await failing(ask(wrong), 'WITNESS_COSIGNER_AHEAD');
    await ask(wrong);
  });

  it('says in words what a refusal means', async () => {
    const known: [number, ErrorCode][] = [
      [400, 'WITNESS_COSIGNER_BAD_ANSWER'],
      [403, 'WITNESS_COSIGNER_UNKNOWN_LOG'],
      [404, 'WITNESS_COSIGNER_UNKNOWN_LOG'],
      [413, 'WITNESS_COSIGNER_BAD_ANSWER'],
      [422, 'WITNESS_COSIGNER_REFUSED'],
      [429, 'WITNESS_COSIGNER_BAD_ANSWER'],
      [500, 'WITNESS_COSIGNER_FAILED'],
      [503, 'WITNESS_COSIGNER_FAILED'],
    ];
    for (const [status, code] of known)
      await failing(ask(client(await answering(http(status, `secret ${SECRET}`)))), code);
  });

  it('understands cosigners that still say 409 for another root of the same size', async () => {
    const server = await answering(http(409, '20\n'), http(409, ''));
    await failing(ask(client(server)), 'WITNESS_COSIGNER_REFUSED');
    assert.deepEqual(
      server.asked.map(({ old }) => old),
      [0, 20],
    );
  });

  it('follows nobody elsewhere', async () => {
    const target = await answering(signs());
    for (const status of [301, 302, 307, 308]) {
      const server = await answering(
        `HTTP/1.1 ${status} X\r\nLocation: ${target.url}\r\nContent-Length: 0\r\n\r\n`,
      );
      await failing(ask(client(server)), 'WITNESS_COSIGNER_BAD_ANSWER');
    }
    assert.equal(target.asked.length, 0);
  });

  it('takes no signature but that of the key over this very checkpoint', async () => {
    const other = signerOf('cosigner.example', Buffer.alloc(32, 1), KEY_TYPES.cosigner);
    const wrongId = (asked: Asked): string => {
      const line = parseSignatureLines(
        cosign(other, parseNote(asked.note)!.text, Math.floor(Date.now() / 1000)),
      )!;
      const encoded = Buffer.concat([signer.verifier.id, line[0]!.signature]).toString('base64');
      return http(200, `— cosigner.example ${encoded}\n`);
    };
    const bad: ConstructorParameters<typeof Answering>[0] = [
      signs(other),
      wrongId,
      (asked) => signs()({ ...asked, note: log.note(5) }),
      http(200, ''),
      http(200, 'ok'),
      http(200, '\n\n'),
      http(200, log.note().split('\n').at(-2)!),
      http(200, `— cosigner.example ${vkey.split('+').at(-1)!}\n`),
      http(200, '\0'.repeat(500)),
      http(409, ''),
      http(409, '-1'),
      http(409, '0x10'),
      http(409, '1e3'),
      http(409, '0'),
      http(409, ' 5'),
      http(409, '99999999999999999999'),
    ];
    for (const [at, answer] of bad.entries())
      await failing(ask(client(await answering(answer))), 'WITNESS_COSIGNER_BAD_ANSWER').catch(
        (error: Error) => {
          throw new Error(`answer ${at}: ${error.message}`);
        },
      );
    // others beside ours are passed over
    const stranger = signerOf('other.example', Buffer.alloc(32, 3), KEY_TYPES.cosigner);
    const beside = await answering((asked) =>
      signs(signer, 0, `${cosign(stranger, parseNote(asked.note)!.text, 1_800_000_000)}\n`)(asked),
    );
    assert.match(await ask(client(beside)), /^— cosigner\.example \S+$/);
    // it says another size each time
    let size = 0;
    const moving = await answering(() => http(409, `${++size}`));
    await failing(ask(client(moving)), 'WITNESS_COSIGNER_BAD_ANSWER');
    assert.equal(moving.asked.length, 3);
  });

  it('wants the two clocks to be set', async () => {
    for (const seconds of [3600, -3600])
      await failing(ask(client(await answering(signs(signer, seconds)))), 'WITNESS_COSIGNER_CLOCK');
    for (const seconds of [200, -200]) await ask(client(await answering(signs(signer, seconds))));
    await failing(ask(client(await answering(signs()), { now: () => NaN })), 'WITNESS_COSIGNER_CLOCK');
  });

  it('what answers slowly, endlessly or nonsense is given up', async () => {
    const timers: NodeJS.Timeout[] = [];
    const drip = (head: string, byte: string) => (_: Asked, socket: Socket) => {
      timers.push(setInterval(() => socket.write(byte), 10));
      return head;
    };
    const late: ConstructorParameters<typeof Answering>[0] = [
      () => null,
      'HTTP/1.1 200 X\r\n',
      drip('HTTP/1.1 200 X\r\n', 'a: b\r\n'),
      drip('HTTP/1.1 200 X\r\nContent-Length: 5000\r\n\r\n', 'x'),
      drip('', 'HTTP/1.1 102 Processing\r\n\r\n'),
      http(200, 'x').replace('Length: 1', 'Length: 9'),
    ];
    try {
      for (const answer of late) {
        const began = performance.now();
        const error = await failing(
          ask(client(await answering(answer), { timeoutMs: 150 })),
          'WITNESS_COSIGNER_TIMEOUT',
        );
        assert.match(error.message, /within 0\.15 s/);
        assert.ok(performance.now() - began < 3000);
      }
    } finally {
      timers.forEach(clearInterval);
    }
    const large = 'x'.repeat(70_000);
    const bad: ConstructorParameters<typeof Answering>[0] = [
      http(200, large),
      http(409, large),
      http(500, large),
      `HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n${large}`,
      'SSH-2.0-OpenSSH_9.2\r\n',
      `HTTP/1.1 200 X\r\n${`a: ${'b'.repeat(50)}\r\n`.repeat(500)}\r\n`,
      '\u0016\u0003\u0001',
    ];
    for (const [at, answer] of bad.entries())
      await failing(ask(client(await answering(answer))), 'WITNESS_COSIGNER_BAD_ANSWER').catch(
        (error: Error) => {
          throw new Error(`answer ${at}: ${error.message}`);
        },
      );
  });

  it('a connection that is refused, cut or nowhere is told in words', async () => {
    const closed = { url: `http://127.0.0.1:${await freePort()}/${SECRET}` };
    const refused = await failing(ask(client(closed)), 'WITNESS_COSIGNER_UNREACHABLE');
    assert.match(refused.message, /at 127\.0\.0\.1:\d+: nothing listens there/);
    const cut = await answering((_, socket) => {
      socket.destroy();
      return null;
    });
    await failing(ask(client(cut)), 'WITNESS_COSIGNER_UNREACHABLE');
    const half = await answering((_, socket) => {
      socket.end('HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nx');
      return null;
    });
    await failing(ask(client(half)), 'WITNESS_COSIGNER_UNREACHABLE');
    const nowhere = { url: `http://nowhere.invalid/${SECRET}` };
    await failing(ask(client(nowhere)), 'WITNESS_COSIGNER_UNREACHABLE');
  });

  it('a kept connection that the other side has closed costs nothing but another one', async () => {
    const server = await answering(
      signs(),
      (_, socket) => {
        socket.destroy();
        return null;
      },
      signs(),
    );
    const cosigner = client(server);
    await ask(cosigner, 4);
    await ask(cosigner, 6);
    assert.equal(server.sockets.size, 2);
    assert.equal(server.asked.length, 3);
  });

  it('ends at once when the log does, also while a proof is being made or another call waits', async () => {
    const server = await answering(() => null);
    const cosigner = client(server, { timeoutMs: 60_000 });
    const close = new AbortController();
    const first = ask(cosigner, 5, close.signal);
    const second = ask(cosigner, 6, close.signal);
    const began = performance.now();
    setTimeout(() => close.abort(), 20);
    await failing(first, 'WITNESS_COSIGNER_STOPPED');
    await failing(second, 'WITNESS_COSIGNER_STOPPED');
    await failing(ask(cosigner, 7, close.signal), 'WITNESS_COSIGNER_STOPPED');
    const stuck = client(await answering(http(409, '3\n')), { timeoutMs: 100 });
    await failing(
      stuck.cosign(log.note(9), 9, () => new Promise(() => undefined), never),
      'WITNESS_COSIGNER_TIMEOUT',
    );
    assert.ok(performance.now() - began < 3000);
  });

  it('asks for one checkpoint after the other', async () => {
    const server = await answering(signs());
    const cosigner = client(server);
    await Promise.all([4, 9, 15].map((size) => ask(cosigner, size)));
    assert.deepEqual(
      server.asked.map(({ old }) => old),
      [0, 4, 9],
    );
  });

  it('takes an address with a user, a password or a token, and shows none of it', async () => {
    const server = await answering(signs());
    const { port } = new URL(server.url);
    await ask(client({ url: ` http://me:${SECRET}%20x@127.0.0.1:${port}/add-checkpoint?t=${SECRET} ` }));
    const [{ head } = assert.fail()] = server.asked;
    assert.match(head, new RegExp(`^POST /add-checkpoint\\?t=${SECRET} HTTP`));
    assert.ok(head.includes(`Basic ${Buffer.from(`me:${SECRET} x`).toString('base64')}`));
    await failing(
      ask(client({ url: `http://me:${SECRET}@127.0.0.1:${await freePort()}` })),
      'WITNESS_COSIGNER_UNREACHABLE',
    );
    for (const url of [
      '',
      SECRET,
      `ftp://${SECRET}`,
      `file:///${SECRET}`,
      'http://',
      `http://a:%zz${SECRET}@b/`,
      `javascript:${SECRET}`,
    ])
      await failing(
        Promise.resolve().then(() => client({ url })),
        'WITNESS_COSIGNER_ADDRESS',
      );
    for (const text of [SECRET, '', log.vkey, `PRIVATE+KEY+${SECRET}`])
      await failing(
        Promise.resolve().then(() => client(server, { vkey: text })),
        'WITNESS_COSIGNER_KEY',
      );
  });

  it('trusts no certificate that nobody vouches for', async function () {
    if (!findProgram('openssl')) this.skip();
    const { ca, cert, key } = certificates(tempDir('cosign-tls'));
    const server = createHttps({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
      let had = '';
      request.on('data', (part) => (had += part));
      request.on('end', () => {
        const note = had.slice(had.indexOf('\n\n') + 2);
        response.end(`${cosign(signer, parseNote(note)!.text, Math.floor(Date.now() / 1000))}\n`);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      const told = await failing(
        ask(client({ url: `https://127.0.0.1:${port}/${SECRET}` })),
        'WITNESS_COSIGNER_UNREACHABLE',
      );
      assert.match(told.message, /nobody vouches/);
      // whoever knows the authority is answered
      const script = `require(${JSON.stringify(built)}).httpCosigner(${JSON.stringify({ url: `https://127.0.0.1:${port}/`, vkey })})
        .cosign(${JSON.stringify(log.note())}, 20, async () => [], new AbortController().signal).then(console.log)`;
      const env = { ...process.env, NODE_EXTRA_CA_CERTS: ca };
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { env });
      assert.match(stdout, /^— cosigner\.example /);
      // TLS asked for where none is spoken, and the other way round
      const plain = await answering(http(200, ''));
      await failing(
        ask(client({ url: plain.url.replace('http:', 'https:') }, { timeoutMs: 200 })),
        'WITNESS_COSIGNER_TIMEOUT',
      );
      await assert.rejects(ask(client({ url: `http://127.0.0.1:${port}/${SECRET}` })), LiveError);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
