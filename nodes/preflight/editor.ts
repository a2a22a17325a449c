/** What can be ticked, as it stands in the dialog. */
const CHECKS: Record<string, string[]> = {
  stream: ['target', 'server', 'live', 'rehearsal'],
  recording: ['folder', 'disk'],
  content: ['sound', 'picture'],
  computer: ['clock', 'ffmpeg'],
};

function checkBoxes(node: EditorNode): void {
  const chosen = Array.isArray(node.checks) ? node.checks : [];
  for (const [group, names] of Object.entries(CHECKS)) {
    const set = $('<fieldset>').append($('<legend>').text(liveProduction.text(node, `group.${group}`)));
    for (const name of names) {
      const box = $('<input>', { type: 'checkbox', value: name }).prop('checked', chosen.includes(name));
      const label = liveProduction.text(node, `check.${name}`);
      set.append($('<label>').append(box, document.createTextNode(label)));
    }
    set.appendTo('.live-choices');
  }
}

/** A field that only matters to a check is there while that check is ticked. */
function rowsOfChecks(node: EditorNode): void {
  const rows: Record<string, string[]> = {
    target: ['target', 'server'],
    diskWarn: ['disk'],
    diskFail: ['disk'],
    timeServer: ['clock'],
    ffmpegPath: ['ffmpeg'],
  };
  const show = () => {
    const ticked = $('.live-choices input:checked').toArray();
    const names = ticked.map((box) => String($(box).val()));
    for (const [property, checks] of Object.entries(rows))
      liveProduction.row(node, property).toggle(checks.some((check) => names.includes(check)));
  };
  $('.live-choices input').on('change', show);
  show();
}

RED.nodes.registerType('live-preflight', {
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
    checks: {
      value: ['target', 'server', 'live', 'rehearsal', 'folder', 'disk', 'sound', 'picture', 'clock'],
    },
    target: {
      value: '',
      type: 'live-stream-target',
      validate(value, _options) {
        return liveProduction.check.optionalReference(this, value, 'target');
      },
    },
    diskWarn: {
      value: '20',
      validate(value, _options) {
        return liveProduction.check.count(this, value, 'diskWarn');
      },
    },
    diskFail: {
      value: '5',
      validate(value, _options) {
        return liveProduction.check.count(this, value, 'diskFail');
      },
    },
    profile: { value: '' },
    collection: { value: '' },
    scenes: { value: '' },
    sources: { value: '' },
    mustSound: { value: '' },
    timeServer: { value: '' },
    ffmpegPath: { value: '' },
    ifUnknown: { value: 'warn' },
    ifAway: { value: 'answer' },
    waitSeconds: {
      value: '0',
      validate(value, _options) {
        return liveProduction.check.seconds(this, value, 'waitSeconds');
      },
    },
  },
  inputs: 1,
  outputs: 1,
  icon: 'live-preflight.svg',
  paletteLabel: 'preflight',
  label() {
    return this.name || 'preflight';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.application(this);
    liveProduction.anyConnection(this, 'target', liveProduction.text(this, 'asSet'));
    checkBoxes(this);
    rowsOfChecks(this);
    liveProduction.liveList(this, 'profile', { what: { obs: 'profiles' } });
    liveProduction.liveList(this, 'collection', { what: { obs: 'collections' } });
    liveProduction.liveList(this, 'scenes', { what: { obs: 'scenes' }, several: 'names' });
    liveProduction.liveList(this, 'sources', { what: { obs: 'sources', vmix: 'inputs' }, several: 'names' });
    liveProduction.liveList(this, 'mustSound', { what: 'audio', several: 'names' });
    const obs = () => liveProduction.isOn(this, 'obs');
    // vMix has inputs, and a preset in place of both
    liveProduction.showRows(this, ['application'], { collection: obs, scenes: obs });
    liveProduction.whenChanged(this, ['application'], () => {
      liveProduction.relabel(this, 'profile', obs() ? 'label.profile' : 'label.preset');
      liveProduction.relabel(this, 'sources', obs() ? 'label.sources' : 'label.inputs');
      $('.live-tip-vmix').toggle(!obs());
    });
  },
  oneditsave() {
    liveProduction.saveApplication(this);
    const ticked = $('.live-choices input:checked').toArray();
    this.checks = ticked.map((box) => String($(box).val()));
  },
});
