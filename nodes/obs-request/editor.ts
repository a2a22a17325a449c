RED.nodes.registerType('live-obs-request', {
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
    mode: { value: 'request' },
    requestType: {
      value: '',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'mode') !== 'request' ||
          liveProduction.check.typedFilled(this, value, 'requestType')
        );
      },
    },
    requestTypeType: { value: 'str' },
    requestData: {
      value: '{}',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'mode') !== 'request' ||
          liveProduction.check.typedValue(this, value, 'requestData')
        );
      },
    },
    requestDataType: { value: 'json' },
    batch: {
      value: 'payload',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'mode') !== 'batch' ||
          liveProduction.check.typedFilled(this, value, 'batch')
        );
      },
    },
    batchType: { value: 'msg' },
    executionType: { value: 'serial-realtime' },
    haltOnFailure: { value: false },
    waitSeconds: {
      value: '0',
      validate(value, _options) {
        return liveProduction.check.seconds(this, value, 'waitSeconds');
      },
    },
  },
  inputs: 1,
  outputs: 1,
  icon: 'live-obs-request.svg',
  paletteLabel: 'obs request',
  label() {
    return (
      this.name ||
      (this.mode === 'request' && this.requestTypeType === 'str' && String(this.requestType)) ||
      'obs request'
    );
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.application(this);
    liveProduction.liveList(this, 'requestType', {
      what: 'requests',
      types: ['msg', 'flow', 'global', 'env', 'jsonata'],
    });
    liveProduction.typed(this, 'requestData', ['json', 'msg', 'flow', 'global', 'jsonata']);
    liveProduction.typed(this, 'batch', ['msg', 'flow', 'global', 'json', 'jsonata']);
    const batch = () => liveProduction.currentText(this, 'mode') === 'batch';
    const single = () => !batch();
    liveProduction.showRows(this, ['mode'], {
      requestType: single,
      requestData: single,
      batch,
      executionType: batch,
      haltOnFailure: batch,
    });
    liveProduction.whenChanged(this, ['mode'], () => void $('.live-batch').toggle(batch()));
  },
  oneditsave() {
    liveProduction.saveApplication(this);
  },
});
