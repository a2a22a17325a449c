RED.nodes.registerType('live-vmix-connection', {
  category: 'config',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    connectTo: { value: 'vmix' },
    host: {
      value: '127.0.0.1',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'connectTo') === 'rehearsal' ||
          liveProduction.check.host(this, value, 'host')
        );
      },
    },
    port: {
      value: '8088',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'connectTo') === 'rehearsal' ||
          liveProduction.check.port(this, value, 'port')
        );
      },
    },
    tcpPort: { value: '8099' },
    channels: { value: 'auto' },
    pollSeconds: {
      value: '2',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'pollSeconds', 0.5, 60);
      },
    },
    allowScripts: { value: false },
    sharedThere: { value: '' },
    sharedHere: { value: '' },
    logFolder: { value: '' },
  },
  credentials: {
    user: { type: 'text' },
    password: { type: 'password' },
  },
  icon: 'live-vmix-connection.svg',
  paletteLabel: 'vmix connection',
  label() {
    if (this.name) return this.name;
    return this.connectTo === 'rehearsal'
      ? 'vMix (rehearsal)'
      : `vMix ${String(this.host)}:${String(this.port)}`;
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
  },
});
