RED.nodes.registerType('live-obs-connection', {
  category: 'config',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    connectTo: { value: 'obs' },
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
      value: '4455',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'connectTo') === 'rehearsal' ||
          liveProduction.check.port(this, value, 'port')
        );
      },
    },
    tls: { value: false },
  },
  credentials: {
    password: { type: 'password' },
  },
  icon: 'live-obs-connection.svg',
  paletteLabel: 'obs connection',
  label() {
    if (this.name) return this.name;
    return this.connectTo === 'rehearsal'
      ? 'OBS (rehearsal)'
      : `OBS ${String(this.host)}:${String(this.port)}`;
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    const toObs = () => liveProduction.currentText(this, 'connectTo') !== 'rehearsal';
    liveProduction.showRows(this, ['connectTo'], { host: toObs, port: toObs, password: toObs, tls: toObs });
    liveProduction.whenChanged(this, ['connectTo'], () => void $('.live-rehearsal').toggle(!toObs()));
    liveProduction.splitAddress(this);
    liveProduction.testButton(this, $('#node-config-input-test'), $('.live-test'));
  },
});
