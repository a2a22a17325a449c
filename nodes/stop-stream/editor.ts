RED.nodes.registerType('live-stop-stream', {
  category: 'live production',
  color: '#DEBD5C',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    application: { value: 'obs' },
    obs: {
      value: '',
      type: 'live-obs-connection',
      validate(value, _options) {
        return liveProduction.check.connection(this, value, 'obs');
      },
    },
    vmix: {
      value: '',
      type: 'live-vmix-connection',
      validate(value, _options) {
        return liveProduction.check.connection(this, value, 'vmix');
      },
    },
    channel1: { value: false },
    channel2: { value: false },
    channel3: { value: false },
    channel4: { value: false },
    channel5: { value: false },
    waitSeconds: {
      value: '0',
      validate(value, _options) {
        return liveProduction.check.seconds(this, value, 'waitSeconds');
      },
    },
  },
  inputs: 1,
  outputs: 1,
  icon: 'live-stop-stream.svg',
  paletteLabel: 'stop stream',
  label() {
    return this.name || 'stop stream';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.application(this);
    liveProduction.channels(this);
    liveProduction.showRows(this, ['application'], {
      channel1: () => liveProduction.currentText(this, 'application') === 'vmix',
    });
  },
  oneditsave() {
    liveProduction.saveApplication(this);
  },
});
