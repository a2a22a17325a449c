RED.nodes.registerType('live-stream-started', {
  category: 'live production',
  color: '#87A980',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    application: { value: 'obs' },
    obs: {
      value: '',
      type: 'live-obs-connection',
      required: false,
      validate(value, _options) {
        return liveProduction.check.optionalReference(this, value, 'obs');
      },
    },
    vmix: {
      value: '',
      type: 'live-vmix-connection',
      required: false,
      validate(value, _options) {
        return liveProduction.check.optionalReference(this, value, 'vmix');
      },
    },
    ingest: {
      value: '',
      type: 'live-rtmp-ingest',
      required: false,
      validate(value, _options) {
        return liveProduction.check.optionalReference(this, value, 'ingest');
      },
    },
    channel: { value: '' },
    stream: { value: '' },
    present: { value: false },
  },
  inputs: 0,
  outputs: 1,
  icon: 'live-stream-started.svg',
  paletteLabel: 'stream started',
  label() {
    return this.name || 'stream started';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.application(this, { any: true });
    liveProduction.liveList(this, 'stream', { what: { ingest: 'streams' } });
    liveProduction.showRows(this, ['application'], {
      channel: () => liveProduction.isOn(this, 'vmix'),
      stream: () => liveProduction.isOn(this, 'ingest'),
    });
  },
  oneditsave() {
    liveProduction.saveApplication(this);
  },
});
