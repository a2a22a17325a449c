import { Refusal } from '../fields';
import { Status } from '../tables/codes';
import type { Handler } from './handler';

/** Stream requests and the settings of the streaming service. */
export const stream: Record<string, Handler> = {
  GetStreamStatus: ({ studio }) => studio.stream.status(),

  StartStream: ({ studio }) => studio.stream.start(),

  StopStream: ({ studio }) => studio.stream.stop(),

  ToggleStream: ({ studio }) => {
    const outputActive = !studio.stream.frontendActive;
    if (outputActive) studio.stream.start();
    else studio.stream.stop();
    return { outputActive };
  },

  SendStreamCaption: ({ studio, fields }) => {
    fields.string('captionText', true);
    if (!studio.stream.frontendActive) throw new Refusal(Status.OutputNotRunning);
  },

  GetStreamServiceSettings: ({ studio }) => {
    const { type, settings } = studio.profiles.current.service;
    // OBS adds the defaults of the type
    const defaults =
      type === 'rtmp_custom' ? { key: '', password: '', server: '', use_auth: false, username: '' } : {};
    return { streamServiceSettings: { ...defaults, ...settings }, streamServiceType: type };
  },

  SetStreamServiceSettings: ({ studio, fields }) => {
    if (studio.stream.frontendActive) {
      throw new Refusal(Status.OutputRunning, 'You cannot change stream service settings while streaming.');
    }
    const type = fields.string('streamServiceType');
    const settings = fields.object('streamServiceSettings');
    const profile = studio.profiles.current;
    // the same type overlays what is there, so that an old user name stays unless it is sent empty
    if (profile.service.type === type) {
      profile.service = { type, settings: { ...profile.service.settings, ...settings } };
      return;
    }
    const types = ['rtmp_common', 'rtmp_custom', ...(studio.version.uuids ? ['whip_custom'] : [])];
    if (!types.includes(type)) {
      throw new Refusal(
        Status.CreationFailed,
        'Failed to create the stream service with the requested streamServiceType. It may be an invalid type.',
      );
    }
    profile.service = { type, settings: { ...settings } };
  },
};
