type Fields = { server: 'optional' | 'required'; key: string; user?: boolean; password?: string };

/** What each service is asked for; the server shown is the one used when the field is left empty. */
const SERVICES: Record<string, Fields & { usual?: string }> = {
  twitch: { server: 'optional', key: 'stream' },
  youtube: { server: 'optional', usual: 'rtmps://a.rtmps.youtube.com:443/live2', key: 'stream' },
  facebook: { server: 'optional', usual: 'rtmps://rtmp-api.facebook.com:443/rtmp/', key: 'stream' },
  restream: { server: 'optional', usual: 'rtmp://live.restream.io/live', key: 'stream' },
  rtmp: {
    server: 'required',
    usual: 'rtmp://server.example/live',
    key: 'stream',
    user: true,
    password: 'plain',
  },
  srt: { server: 'required', usual: 'srt://server.example:9000', key: 'streamId', password: 'passphrase' },
  whip: { server: 'required', usual: 'https://server.example/whip', key: 'bearer' },
};

RED.nodes.registerType('live-stream-target', {
  category: 'config',
  defaults: {
    name: {
      value: '',
      validate(value, _options) {
        return liveProduction.check.filled(this, value, 'name');
      },
    },
    configVersion: { value: 1 },
    service: { value: 'twitch' },
    server: {
      value: '',
      validate(value, _options) {
        return liveProduction.check.server(this, value, liveProduction.currentText(this, 'service'));
      },
    },
  },
  credentials: {
    key: {
      type: 'password',
      validate(value, _options) {
        return liveProduction.check.key(this, value, liveProduction.currentText(this, 'service'));
      },
    },
    user: { type: 'text' },
    password: {
      type: 'password',
      validate(value, _options) {
        return liveProduction.check.passphrase(this, value, liveProduction.currentText(this, 'service'));
      },
    },
  },
  icon: 'live-stream-target.svg',
  paletteLabel: 'stream target',
  label() {
    return this.name || 'stream target';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    const fields = () => SERVICES[liveProduction.currentText(this, 'service')];
    liveProduction.showRows(this, ['service'], {
      server: () => fields() !== undefined,
      key: () => fields() !== undefined,
      user: () => fields()?.user === true,
      password: () => fields()?.password !== undefined,
    });
    liveProduction.whenChanged(this, ['service'], () => {
      const chosen = fields();
      $('.live-as-set').toggle(chosen === undefined);
      if (!chosen) return;
      liveProduction
        .field(this, 'server')
        .attr('placeholder', chosen.usual ?? liveProduction.text(this, 'usual.twitch'));
      liveProduction.relabel(this, 'key', `key.${chosen.key}`);
      if (chosen.password) liveProduction.relabel(this, 'password', `password.${chosen.password}`);
      $('.live-passphrase').toggle(chosen.password === 'passphrase');
    });
  },
  oneditsave() {
    const chosen = SERVICES[liveProduction.currentText(this, 'service')];
    // a secret nobody sees any more must not stay behind
    if (!chosen) liveProduction.field(this, 'server').add(liveProduction.field(this, 'key')).val('');
    if (!chosen?.user) liveProduction.field(this, 'user').val('');
    if (!chosen?.password) liveProduction.field(this, 'password').val('');
  },
});
