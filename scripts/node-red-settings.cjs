// Node-RED as `npm start` runs it: on this machine only, and nothing that asks a newcomer questions.
'use strict';
const { randomBytes } = require('node:crypto');
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

/** A key of this user folder's own: without one Node-RED makes one too, and warns about it at every start. */
function credentialSecret() {
  const file = join(process.env.LIVE_USER_DIR, '.credential-secret');
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}

module.exports = {
  uiHost: '127.0.0.1',
  credentialSecret: credentialSecret(),
  flowFilePretty: true,
  telemetry: { enabled: false, updateNotification: false },
  diagnostics: { enabled: true, ui: true },
  runtimeState: { enabled: false, ui: false },
  editorTheme: { tours: false, page: { title: 'Live production' } },
  functionExternalModules: false,
  logging: { console: { level: 'info', metrics: false, audit: false } },
};
