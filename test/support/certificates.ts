import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate for 127.0.0.1 by an authority of its own: {ca, cert, key} as files. Needs openssl. */
export function certificates(folder: string): { ca: string; cert: string; key: string } {
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const authority = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=Studio authority'];
  openssl('req', ...authority, '-keyout', file('ca.key'), '-out', file('ca.pem'));
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=proxy',
    '-keyout',
    file('key.pem'),
    '-out',
    file('csr.pem'),
  );
  writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1');
  const signed = [
    '-CA',
    file('ca.pem'),
    '-CAkey',
    file('ca.key'),
    '-CAcreateserial',
    '-extfile',
    file('names'),
  ];
  openssl('x509', '-req', '-days', '2', '-in', file('csr.pem'), ...signed, '-out', file('cert.pem'));
  return { ca: file('ca.pem'), cert: file('cert.pem'), key: file('key.pem') };
}
