/** The actions that each field matters to; the others hide it. */
const FIELDS: Record<string, string[]> = {
  types: ['entries', 'export'],
  from: ['entries', 'export', 'report'],
  to: ['entries', 'export', 'report'],
  limit: ['entries'],
  entry: ['prove'],
  give: ['export', 'report'],
  title: ['report'],
  frameStore: ['report'],
  proofs: ['export'],
};

/** What report and export may be given as; the first words differ. */
const GIVE: Record<string, string[]> = { report: ['message', 'page', 'file'], export: ['message', 'file'] };

function action(node: EditorNode): string {
  return liveProduction.currentText(node, 'action');
}

function matters(node: EditorNode, property: string): boolean {
  return action(node) === 'message' || FIELDS[property]!.includes(action(node));
}

function toFile(node: EditorNode): boolean {
  return matters(node, 'give') && liveProduction.currentText(node, 'give') === 'file';
}

/** Offer what the action can be given as, and keep the choice where it still can. */
function offer(node: EditorNode): void {
  const select = liveProduction.field(node, 'give');
  const chosen =
    liveProduction.currentText(node, 'give') || (typeof node.give === 'string' ? node.give : 'message');
  const choices = GIVE[action(node)] ?? GIVE.report!;
  select.empty();
  for (const value of choices) {
    const inMessage = { report: 'mail', message: 'either' }[action(node)] ?? 'message';
    const key = value === 'message' ? inMessage : value;
    select.append($('<option>', { value }).text(liveProduction.text(node, `give.${key}`)));
  }
  select.val(choices.includes(chosen) ? chosen : 'message').trigger('change');
}

RED.nodes.registerType('live-witness-query', {
  category: 'live production',
  color: '#E2D96E',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    log: {
      value: '',
      type: 'live-witness-log',
      validate(value, _options) {
        return liveProduction.check.reference(this, value, 'log');
      },
    },
    action: { value: 'report' },
    types: { value: '' },
    typesType: { value: 'str' },
    from: { value: '' },
    fromType: { value: 'str' },
    to: { value: '' },
    toType: { value: 'str' },
    limit: {
      value: '1000',
      validate(value, _options) {
        return liveProduction.check.count(this, value, 'limit');
      },
    },
    entry: {
      value: 'witness.seq',
      validate(value, _options) {
        return action(this) !== 'prove' || liveProduction.check.typedFilled(this, value, 'entry');
      },
    },
    entryType: { value: 'msg' },
    title: { value: '' },
    give: { value: 'message' },
    path: {
      value: '',
      validate(value, _options) {
        return !toFile(this) || liveProduction.check.typedFilled(this, value, 'path');
      },
    },
    pathType: { value: 'str' },
    overwrite: { value: false },
    proofs: { value: false },
    folder: { value: '' },
    folderType: { value: 'str' },
    vkey: { value: '' },
    frameStore: {
      value: '',
      type: 'live-frame-store',
      required: false,
      validate(value, _options) {
        return liveProduction.check.optionalReference(this, value, 'frameStore');
      },
    },
  },
  inputs: 1,
  outputs: 1,
  icon: 'live-witness-query.svg',
  paletteLabel: 'witness query',
  label() {
    const does = typeof this.action === 'string' && !['entries', 'message'].includes(this.action);
    return this.name || (does ? liveProduction.text(this, `node.${String(this.action)}`) : 'witness query');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.preselect(this, 'log');
    // the editor puts the first one there is into an empty field, and pictures are a wish
    if (!this.frameStore) liveProduction.clear(this, 'frameStore');
    offer(this);
    const types = ['str', 'msg', 'flow', 'global', 'env', 'jsonata'];
    for (const property of ['types', 'path', 'folder']) liveProduction.typed(this, property, types);
    for (const property of ['from', 'to'])
      liveProduction.typed(this, property, ['str', 'num', 'msg', 'flow', 'global', 'env', 'jsonata']);
    liveProduction.typed(this, 'entry', ['msg', 'num', 'flow', 'global', 'jsonata']);
    liveProduction.whenChanged(this, ['action'], () => {
      offer(this);
      const begin = liveProduction.text(this, `placeholder.${action(this) === 'report' ? 'show' : 'from'}`);
      liveProduction.row(this, 'from').find('.red-ui-typedInput-input').attr('placeholder', begin);
      $('.live-by-message').toggle(action(this) === 'message');
      for (const property of Object.keys(FIELDS))
        liveProduction.row(this, property).toggle(matters(this, property));
    });
    liveProduction.showRows(this, ['action', 'give'], {
      path: () => toFile(this),
      overwrite: () => toFile(this),
      vkey: () => true,
    });
  },
});
