RED.nodes.registerType('live-snapshot', {
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
    show: { value: 'program' },
    source: {
      value: '',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'show') !== 'source' ||
          liveProduction.check.typedFilled(this, value, 'source')
        );
      },
    },
    sourceType: { value: 'str' },
    to: {
      value: 'message',
      validate(value, _options) {
        return (
          value !== 'there' ||
          !liveProduction.isOn(this, 'ingest') ||
          liveProduction.text(this, 'invalid.there')
        );
      },
    },
    path: {
      value: '',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'to') === 'message' ||
          liveProduction.check.typedFilled(this, value, 'path')
        );
      },
    },
    pathType: { value: 'str' },
    overwrite: { value: false },
    format: {
      value: 'jpg',
      validate(value, _options) {
        return (
          value !== 'png' || !liveProduction.isOn(this, 'ingest') || liveProduction.text(this, 'invalid.png')
        );
      },
    },
    width: {
      value: '',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'width', 8, 4096);
      },
    },
    height: {
      value: '',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'height', 8, 4096);
      },
    },
    quality: {
      value: '80',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'quality', 1, 100);
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
  icon: 'live-snapshot.svg',
  paletteLabel: 'snapshot',
  label() {
    return (
      this.name ||
      (this.show === 'source' &&
        this.sourceType === 'str' &&
        typeof this.source === 'string' &&
        this.source &&
        liveProduction.text(this, 'node.of', { source: this.source })) ||
      'snapshot'
    );
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.application(this);
    const types = ['msg', 'flow', 'global', 'env', 'jsonata'];
    liveProduction.liveList(this, 'source', {
      what: { obs: 'sources', vmix: 'inputs', ingest: 'streams' },
      types,
    });
    liveProduction.typed(this, 'path', ['str', ...types]);
    liveProduction.showRows(this, ['show'], {
      source: () => liveProduction.currentText(this, 'show') === 'source',
    });
    const toFile = () => liveProduction.currentText(this, 'to') !== 'message';
    liveProduction.showRows(this, ['to'], { path: toFile, overwrite: toFile });
    // vMix makes a picture as large as it is, in the quality it chooses
    const drawn = () => !liveProduction.isOn(this, 'vmix');
    liveProduction.showRows(this, ['application', 'format'], {
      width: drawn,
      height: drawn,
      quality: () => drawn() && liveProduction.currentText(this, 'format') === 'jpg',
    });
    liveProduction.whenChanged(this, ['application'], () => {
      const vmix = !drawn();
      const ingest = liveProduction.isOn(this, 'ingest');
      const of = (key: string) =>
        liveProduction.text(this, key + (vmix ? 'OfVmix' : ingest ? 'OfIngest' : ''));
      liveProduction.offer(this, 'to', (value) => value !== 'there' || !ingest);
      liveProduction.offer(this, 'format', (value) => value !== 'png' || !ingest);
      for (const [property, value] of [
        ['show', 'program'],
        ['show', 'source'],
        ...(ingest ? [] : ([['to', 'there']] as const)),
      ] as const)
        liveProduction.reword(
          liveProduction.field(this, property).find(`option[value=${value}]`),
          of(`${property}.${value}`),
        );
      liveProduction.relabel(
        this,
        'source',
        vmix ? 'label.input' : ingest ? 'common.label.stream' : 'label.source',
      );
      $('.live-tip-vmix').toggle(vmix);
    });
  },
  oneditsave() {
    liveProduction.saveApplication(this);
  },
});
