import { Refusal } from '../fields';
import { Status } from '../tables/codes';
import type { Handler } from './handler';
import { pressHotkey, hotkeys } from './hotkeys';

/** General requests. */
export const general: Record<string, Handler> = {
  GetVersion: ({ studio: { version } }) => ({
    availableRequests: version.requests,
    obsVersion: version.obs,
    obsWebSocketVersion: version.webSocket,
    platform: 'debian',
    platformDescription: 'Debian GNU/Linux (rehearsal)',
    rpcVersion: 1,
    supportedImageFormats: ['bmp', 'cur', 'ico', 'jpeg', 'jpg', 'pbm', 'pgm', 'png', 'ppm', 'xbm', 'xpm'],
  }),

  GetStats: ({ studio, session }) => ({
    ...studio.stats(),
    webSocketSessionIncomingMessages: session.incoming,
    webSocketSessionOutgoingMessages: session.outgoing,
  }),

  BroadcastCustomEvent: ({ studio, fields }) => studio.emit('CustomEvent', fields.object('eventData')),

  CallVendorRequest: ({ fields }) => {
    fields.string('vendorName');
    fields.string('requestType');
    fields.optionalObject('requestData');
    throw new Refusal(Status.NotFound, 'No vendor was found by that name.');
  },

  GetHotkeyList: ({ studio }) => ({ hotkeys: hotkeys(studio) }),

  TriggerHotkeyByName: ({ studio, fields }) => {
    const name = fields.string('hotkeyName');
    if (!hotkeys(studio).includes(name))
      throw new Refusal(Status.NotFound, 'No hotkeys were found by that name.');
    pressHotkey(studio, name);
  },

  TriggerHotkeyByKeySequence: ({ fields }) => {
    const key = fields.optionalString('keyId');
    const modifiers = fields.optionalObject('keyModifiers', true);
    const pressed = Object.values(modifiers ?? {}).includes(true);
    if (!pressed && !key?.startsWith('OBS_KEY_')) {
      throw new Refusal(Status.CannotAct, 'Your provided request fields cannot be used to trigger a hotkey.');
    }
  },

  Sleep: async ({ studio, fields, batch }) => {
    if (batch === 0) {
      await studio.clock.sleep(fields.number('sleepMillis', 0, 50_000));
    } else if (batch === 1) {
      // the batch itself goes on so many frames later
      fields.number('sleepFrames', 0, 10_000);
    } else throw new Refusal(Status.UnsupportedBatchType);
  },
};
