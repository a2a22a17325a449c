// TLS through a proxy in front of OBS: by an authority in NODE_EXTRA_CA_CERTS, and by none.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { certificates, removeTempDir, requirePrograms, tempDir } from '../support';
import { contract } from './support';

contract('a connection through a TLS proxy', { password: 'tls secret' }, async (world, context) => {
  requirePrograms(context, ['openssl']);
  const folder = tempDir();
  world.cleanUp(() => removeTempDir(folder));
  const { ca, cert, key } = certificates(folder);
  const proxy = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (client) => {
    const obs = connect(world.port, world.host);
    client.pipe(obs).pipe(client);
    for (const end of [client, obs]) {
      end.on('error', () => undefined);
      end.on('close', () => [client, obs].forEach((one) => one.destroy()));
    }
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  world.cleanUp(() => new Promise((closed) => proxy.close(closed)));
  const { port } = proxy.address() as AddressInfo;

  // Node.js reads the variable at its start, so each case is a process of its own
  const settings = JSON.stringify({ host: '127.0.0.1', port, tls: true, password: world.password });
  const script = `require(${JSON.stringify(join(process.cwd(), 'dist/lib/obs/probe.js'))}).testObs(${settings})
    .then((found) => console.log(found.obsVersion), (error) => console.log(error.code, error.message))`;
  const probe = async (env: NodeJS.ProcessEnv) =>
    (await promisify(execFile)(process.execPath, ['-e', script], { env, timeout: 60_000 })).stdout.trim();
  const plain = { ...process.env };
  delete plain.NODE_EXTRA_CA_CERTS;
  assert.match(await probe({ ...plain, NODE_EXTRA_CA_CERTS: ca }), /^\d+\.\d+\.\d+$/);
  const refused = await probe(plain);
  assert.match(refused, /^OBS_TLS_FAILED /);
  assert.ok(!refused.includes('tls secret'));
});
