import { addDialogRoutes } from '../../red/dialog-routes';
import { askOnce } from '../../red/rehearsal';
import type { NodeAPI } from '../../red/types';
import type { ObsApplication } from '../../lib/obs/application';
import { LISTS, listFrom, listOnce, testObs, type ListName } from '../../lib/obs/probe';
import { parseObsSettings, type ObsSettings } from '../../lib/obs/settings';
import { startSimulator } from './rehearsal';

/** What the Test button and the live lists of the dialogs ask of an OBS. */
export function addObsRoutes(RED: NodeAPI): void {
  addDialogRoutes<ObsSettings, ObsApplication, ListName>(RED, {
    application: 'obs',
    lists: LISTS,
    parse: (text, { tls }) =>
      parseObsSettings({
        host: text('host', 'host'),
        port: text('port', 'port'),
        tls: tls === true,
        password: text('password', 'password'),
      }),
    sameAddress: (one, other) => one.host === other.host && one.port === other.port && one.tls === other.tls,
    withStored: (_, stored) => stored,
    passwordNeeded: 'OBS_TEST_PASSWORD_NEEDED',
    test: testObs,
    listOnce,
    listFrom: ({ client }, what, of) => listFrom(client, what, of),
    simulated: (ask) =>
      askOnce(startSimulator(null), ({ port }) => ask({ host: '127.0.0.1', port, tls: false, password: '' })),
  });
}
