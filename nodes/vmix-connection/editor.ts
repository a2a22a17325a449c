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
    tcpPort: {
      value: '8099',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'connectTo') === 'rehearsal' ||
          liveProduction.check.portOrNone(this, value, 'tcpPort')
        );
      },
    },
    channels: { value: 'auto' },
    pollSeconds: {
      value: '2',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'connectTo') === 'rehearsal' ||
          liveProduction.check.within(this, value, 'pollSeconds', 0.5, 60)
        );
      },
    },
    allowScripts: { value: false },
    sharedThere: {
      value: '',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'connectTo') === 'rehearsal' ||
          liveProduction.currentText(this, 'sharedHere') === '' ||
          liveProduction.check.filled(this, value, 'sharedThere')
        );
      },
    },
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
    liveProduction.tabs(this);
    const toVmix = () => liveProduction.currentText(this, 'connectTo') !== 'rehearsal';
    const only = [
      ...['host', 'port', 'tcpPort', 'user', 'password'],
      ...['channels', 'pollSeconds', 'sharedThere', 'sharedHere', 'logFolder'],
    ];
    const rows = Object.fromEntries(only.map((property) => [property, toVmix]));
    liveProduction.showRows(this, ['connectTo'], rows);
    liveProduction.whenChanged(this, ['connectTo'], () => void $('.live-rehearsal').toggle(!toVmix()));
    const tellTcp = () => {
      const has = !['', '0'].includes(liveProduction.currentText(this, 'tcpPort'));
      $('.live-tcp').text(liveProduction.text(this, has ? 'tip.tcp' : 'tip.noTcp'));
    };
    liveProduction.field(this, 'tcpPort').on('change input', tellTcp);
    tellTcp();
    liveProduction.whenChanged(this, ['allowScripts'], () => {
      $('.live-scripts').toggle(liveProduction.current(this, 'allowScripts') === true);
    });
    liveProduction.splitAddress(this);
    liveProduction.testButton(this, $('#node-config-input-test'), $('.live-test'));
  },
});
