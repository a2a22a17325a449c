import { addDialogRoutes } from '../../red/dialog-routes';
import { askOnce } from '../../red/rehearsal';
import type { NodeAPI } from '../../red/types';
import type { VmixApplication } from '../../lib/vmix/application';
import { LISTS, listFrom, listOnce, testVmix, type ListName } from '../../lib/vmix/probe';
import { parseVmixSettings, type VmixSettings } from '../../lib/vmix/settings';
import { redactText } from '../../lib/secrets';
import { startSimulator } from './rehearsal';

/** What the Test button and the live lists of the dialogs ask of a vMix. */
export function addVmixRoutes(RED: NodeAPI): void {
  addDialogRoutes<VmixSettings, VmixApplication, ListName>(RED, {
    application: 'vmix',
    lists: LISTS,
    parse: (text) =>
      parseVmixSettings({
        host: text('host', 'host'),
        port: text('port', 'port'),
        tcpPort: text('TCP port', 'tcpPort'),
        user: text('user', 'user'),
        password: text('password', 'password'),
      }),
    // the TCP port takes no password
    sameAddress: (one, other) => one.host === other.host && one.port === other.port,
    withStored: (typed, stored, { user, tcpPort }) => {
      // a dialog of another node knows neither; the TCP port matters to the test alone
      const sameUser = user === undefined || typed.user === stored.user;
      const sameTcp = tcpPort === undefined || typed.tcpPort === stored.tcpPort;
      if (sameUser && sameTcp) return stored;
      return {
        ...stored,
        user: sameUser ? stored.user : typed.user,
        tcpPort: sameTcp ? stored.tcpPort : typed.tcpPort,
      };
    },
    passwordNeeded: 'VMIX_TEST_PASSWORD_NEEDED',
    test: async (settings) => {
      const { tcpFault, ...found } = await testVmix(settings);
      return { ...found, edition: found.edition ?? '', warning: tcpFault && redactText(tcpFault.message) };
    },
    listOnce,
    listFrom: ({ client }, what, of) => listFrom(client.state, what, of),
    simulated: (ask) =>
      askOnce(startSimulator(null), ({ httpPort, tcpPort }) =>
        ask({ host: '127.0.0.1', port: httpPort, tcpPort, user: '', password: '' }),
      ),
  });
}
