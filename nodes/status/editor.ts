RED.nodes.registerType('live-status', {
  category: 'live production',
  color: '#C0DEED',
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
    ingest: {
      value: '',
      type: 'live-rtmp-ingest',
      validate(value, _options) {
        return liveProduction.check.connection(this, value, 'ingest');
      },
    },
    every: {
      value: '0',
      validate(value, _options) {
        return liveProduction.check.interval(this, value, 'every');
      },
    },
    waitSeconds: {
      value: '0',
      validate(value, _options) {
        return liveProduction.check.seconds(this, value, 'waitSeconds');
      },
    },
  },
  inputs: 1,
  outputs: 1,
  icon: 'live-status.svg',
  paletteLabel: 'status',
  label() {
    return this.name || 'status';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.application(this);
  },
  oneditsave() {
    liveProduction.saveApplication(this);
  },
});
