import type { MediaServerKind } from './types';

/** What the configuration lines are made of. The hook address holds its secret. */
export interface LineSettings {
  kind: MediaServerKind;
  /** `http://host:port/hooks/name/secret`, as the media server reaches it */
  hookAddress: string;
  /** of the API, as the dialog has them; null: none */
  api: string | null;
  control: string | null;
  /** the user of the API, where it wants one */
  user: string | null;
  /** the apps that guests publish to */
  apps: readonly string[];
}

/** Lines for one place. */
export interface ConfigLines {
  /** which file, or which program, in words */
  where: string;
  text: string;
}

/**
 * The lines to paste into a media server so that it asks the gate and can be listed. Pure; none for a rehearsal. They hold the secret of
 * the hook address, so make them when somebody asks who may, and keep them nowhere.
 */
export function configLines(settings: LineSettings): ConfigLines[] {
  switch (settings.kind) {
    case 'srs':
      return [srs(settings)];
    case 'oryx':
      return oryx(settings);
    case 'nginx-rtmp':
      return [nginxRtmp(settings), nginxHttp(settings)];
    case 'mediamtx':
      return [mediamtx(settings)];
    case 'rehearsal':
      return [];
  }
}

/** Host and port of an address; the usual ones where there is none. */
function placeOf(address: string | null, host: string, port: string): { host: string; port: string } {
  try {
    const url = new URL(address ?? '');
    return { host: url.hostname, port: url.port || (url.protocol === 'https:' ? '443' : '80') };
  } catch {
    return { host, port };
  }
}

const text = (...lines: (string | string[])[]): string => `${lines.flat().join('\n')}\n`;

function srs({ hookAddress, api, user }: LineSettings): ConfigLines {
  const login = user
    ? [
        '    auth {',
        '        enabled  on;',
        `        username ${user};`,
        '        password the-password-in-the-dialog;',
        '    }',
      ]
    : [];
  return {
    where: 'srs.conf',
    text: text(
      'http_api {',
      '    enabled on;',
      `    listen  ${placeOf(api, '127.0.0.1', '1985').port};`,
      login,
      '}',
      'vhost __defaultVhost__ {',
      '    http_hooks {',
      '        enabled      on;',
      `        on_publish   ${hookAddress};`,
      `        on_unpublish ${hookAddress};`,
      '        # only where players have to show a token: they then need Node-RED to come back after a break',
      `        # on_play    ${hookAddress};`,
      '    }',
      '    # only where guests are sent on to a stream target; it replaces a fixed destination',
      '    forward {',
      '        enabled on;',
      `        backend ${hookAddress};`,
      '    }',
      '}',
    ),
  };
}

function oryx({ hookAddress, api }: LineSettings): ConfigLines[] {
  const { host, port } = placeOf(api, '127.0.0.1', '2022');
  const body = JSON.stringify({ target: hookAddress, opaque: '', all: true });
  return [
    { where: 'Oryx in the browser: System, HTTP Callback, Target', text: text(hookAddress) },
    {
      where: 'or the same in a shell, with the token of Oryx (System, OpenAPI)',
      text: text(
        `curl -sS -X POST http://${host}:${port}/terraform/v1/mgmt/hooks/apply \\`,
        `  -H 'Authorization: Bearer the-token-of-oryx' -H 'Content-Type: application/json' \\`,
        `  -d '${body}'`,
      ),
    },
    {
      where: 'environment of the Oryx container, only where players are asked for too',
      text: text(
        `SRS_VHOST_HTTP_HOOKS_ON_PLAY=${hookAddress}`,
        `SRS_VHOST_HTTP_HOOKS_ON_STOP=${hookAddress}`,
      ),
    },
  ];
}

/** Without on_update: nginx-rtmp drops everybody who publishes when nobody answers it, as while Node-RED is started anew. */
function nginxRtmp({ hookAddress, apps }: LineSettings): ConfigLines {
  const blocks = apps.flatMap((app) => [
    `        application ${app} {`,
    '            live on;',
    `            on_publish      ${hookAddress};`,
    `            on_publish_done ${hookAddress};`,
    '        }',
  ]);
  return {
    where: 'nginx.conf, outside of http',
    text: text(
      "# statistics and control are each worker's own, so there has to be one",
      'worker_processes 1;',
      'rtmp {',
      '    server {',
      '        listen 1935;',
      blocks,
      '    }',
      '}',
    ),
  };
}

function nginxHttp({ api, control }: LineSettings): ConfigLines {
  const stat = placeOf(api, '127.0.0.1', '8080');
  const path = (address: string | null, usual: string) => {
    try {
      return new URL(address ?? '').pathname.replace(/\/+$/, '') || usual;
    } catch {
      return usual;
    }
  };
  const location = (at: string, what: string) => [
    `        location ${at} {`,
    `            ${what} all;`,
    '            allow 127.0.0.1;',
    '            # and the machine of Node-RED, where it is another',
    '            deny all;',
    '        }',
  ];
  return {
    where: 'nginx.conf, inside of http',
    text: text(
      '    server {',
      `        listen ${stat.port};`,
      location(path(api, '/stat'), 'rtmp_stat'),
      location(path(control, '/control'), 'rtmp_control'),
      '    }',
    ),
  };
}

function mediamtx({ hookAddress, api }: LineSettings): ConfigLines {
  const { host, port } = placeOf(api, '127.0.0.1', '9997');
  // nothing that a publisher wrote stands in the command: its arguments would be words of the shell
  const told = `curl -sS -m 5 -o /dev/null -d action=unpublish --data-urlencode "path=$MTX_PATH" -d "id=$MTX_SOURCE_ID" "${hookAddress}"`;
  return {
    where: 'mediamtx.yml',
    text: text(
      'authMethod: http',
      `authHTTPAddress: ${hookAddress}`,
      '# without these it would ask the gate before it answers its own API',
      'authHTTPExclude:',
      '  - action: api',
      '  - action: metrics',
      '  - action: pprof',
      '  # take these two out where players have to show a token: they then need Node-RED to come back after a break',
      '  - action: read',
      '  - action: playback',
      'api: yes',
      '# whoever reaches this address may end publishers',
      `apiAddress: ${host}:${port}`,
      'pathDefaults:',
      '  # a second publisher on a name is refused, as SRS and nginx-rtmp do',
      '  overridePublisher: no',
      '  # older versions call it runOnNotReady',
      `  runOnUnavailable: '${told}'`,
      'paths:',
      '  all_others:',
    ),
  };
}
