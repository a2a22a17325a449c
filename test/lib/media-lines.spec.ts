// The configuration lines to paste into each media server, word by word.
import assert from 'node:assert/strict';
import { configLines, type LineSettings } from '../../lib/media-servers/lines';

const hookAddress = 'http://10.0.0.5:8931/hooks/main/AbCdEfGhIjKlMnOpQrStUv';
const of = (kind: LineSettings['kind'], more: Partial<LineSettings> = {}) =>
  configLines({ kind, hookAddress, api: null, control: null, user: null, apps: ['live'], ...more });
const textOf = (...args: Parameters<typeof of>) => of(...args).map(({ text }) => text);

describe('configuration lines', () => {
  it('of SRS', () => {
    assert.deepEqual(textOf('srs', { api: 'http://10.0.0.9:1990', user: 'desk' }), [
      `http_api {
    enabled on;
    listen  1990;
    auth {
        enabled  on;
        username desk;
        password the-password-in-the-dialog;
    }
}
vhost __defaultVhost__ {
    http_hooks {
        enabled      on;
        on_publish   ${hookAddress};
        on_unpublish ${hookAddress};
        # only where players have to show a token: they then need Node-RED to come back after a break
        # on_play    ${hookAddress};
    }
    # only where guests are sent on to a stream target; it replaces a fixed destination
    forward {
        enabled on;
        backend ${hookAddress};
    }
}
`,
    ]);
    assert.ok(!textOf('srs')[0]!.includes('auth'));
    assert.ok(textOf('srs')[0]!.includes('listen  1985;'));
  });

  it('of Oryx', () => {
    assert.deepEqual(textOf('oryx'), [
      `${hookAddress}\n`,
      `curl -sS -X POST http://127.0.0.1:2022/terraform/v1/mgmt/hooks/apply \\
  -H 'Authorization: Bearer the-token-of-oryx' -H 'Content-Type: application/json' \\
  -d '{"target":"${hookAddress}","opaque":"","all":true}'
`,
      `SRS_VHOST_HTTP_HOOKS_ON_PLAY=${hookAddress}
SRS_VHOST_HTTP_HOOKS_ON_STOP=${hookAddress}
`,
    ]);
  });

  it('of nginx-rtmp: a block for each app, statistics and control where the dialog has them', () => {
    const application = (name: string) => `        application ${name} {
            live on;
            on_publish      ${hookAddress};
            on_publish_done ${hookAddress};
        }
`;
    const location = (path: string, what: string) => `        location ${path} {
            ${what} all;
            allow 127.0.0.1;
            # and the machine of Node-RED, where it is another
            deny all;
        }
`;
    const settings = {
      api: 'http://127.0.0.1:8090/numbers/',
      control: 'http://127.0.0.1:8090/drop',
      apps: ['live', 'night'],
    };
    assert.deepEqual(textOf('nginx-rtmp', settings), [
      `# statistics and control are each worker's own, so there has to be one
worker_processes 1;
rtmp {
    server {
        listen 1935;
${application('live')}${application('night')}    }
}
`,
      `    server {
        listen 8090;
${location('/numbers', 'rtmp_stat')}${location('/drop', 'rtmp_control')}    }
`,
    ]);
    assert.ok(textOf('nginx-rtmp')[1]!.includes('location /control {'));
  });

  it('of MediaMTX', () => {
    assert.deepEqual(textOf('mediamtx', { api: 'http://127.0.0.1:9998' }), [
      `authMethod: http
authHTTPAddress: ${hookAddress}
# without these it would ask the gate before it answers its own API
authHTTPExclude:
  - action: api
  - action: metrics
  - action: pprof
  # take these two out where players have to show a token: they then need Node-RED to come back after a break
  - action: read
  - action: playback
api: yes
# whoever reaches this address may end publishers
apiAddress: 127.0.0.1:9998
pathDefaults:
  # a second publisher on a name is refused, as SRS and nginx-rtmp do
  overridePublisher: no
  # older versions call it runOnNotReady
  runOnUnavailable: 'curl -sS -m 5 -o /dev/null -d action=unpublish --data-urlencode "path=$MTX_PATH" -d "id=$MTX_SOURCE_ID" "${hookAddress}"'
paths:
  all_others:
`,
    ]);
  });

  it('of a rehearsal: none', () => assert.deepEqual(of('rehearsal'), []));

  it('each says where they belong', () => {
    for (const kind of ['srs', 'oryx', 'nginx-rtmp', 'mediamtx'] as const)
      for (const { where } of of(kind)) assert.ok(where.length > 5 && !where.includes('hooks/main'));
  });
});
