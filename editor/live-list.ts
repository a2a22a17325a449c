import { chosenConnection, type ApplicationName, type Settings } from './connections';
import { field, row, text } from './dialog';
import { post } from './requests';

export interface ListItem {
  value: string;
  label?: string;
}

/** Whom to ask for a list. */
interface Asked {
  /** names the route */
  application: ApplicationName | 'media-server';
  settings: Settings;
}

export interface LiveListOptions {
  /** whom to ask, where that is not the node's connection; null: none is chosen yet; undefined: there is nobody, and the field is plain text */
  from?: () => Asked | null | undefined;
  /** which list the chosen application is asked for: one name for all, or each its own; where it has none the field is plain text */
  what?:
    | string
    | Partial<Record<ApplicationName, string>>
    | ((application: ApplicationName) => string | undefined);
  /** whose list it is, where each source or scene has its own */
  of?: () => string;
  /** a list known beforehand, in place of `what` */
  items?: ListItem[];
  /** other types of a typed field; its type is kept in `<property>Type` */
  types?: (string | TypedInputType)[];
  /** several names in one field, set apart by commas or spaces; `names` may hold spaces, so commas alone set them apart */
  several?: boolean | 'names';
}

interface Note {
  say(kind: '' | 'fault', message: string): void;
}

function note(node: EditorNode, property: string): Note {
  const line = $('<div class="live-note" role="status" aria-live="polite"></div>').appendTo(
    row(node, property),
  );
  return {
    say: (kind, message) => {
      line.toggleClass('live-note-fault', kind === 'fault').empty();
      if (kind === 'fault') line.append('<i class="fa fa-warning"></i> ');
      line.append(document.createTextNode(message));
    },
  };
}

/** Splits what was typed so far into what stays and the name being typed. */
function lastName(typed: string, several: LiveListOptions['several']): [kept: string, name: string] {
  if (!several) return ['', typed];
  const comma = typed.lastIndexOf(',');
  const start = (several === 'names' ? comma : Math.max(comma, typed.lastIndexOf(' '))) + 1;
  const name = typed.slice(start).trimStart();
  const kept = typed.slice(0, start);
  return [several === 'names' && kept ? `${kept} ` : kept, name];
}

/**
 * Turn a text field into one whose value can be chosen from a list read live, with the values of the dialog itself.
 * Typing completes from the list, the button at its end shows it whole. When the list cannot be read
 * it stays a plain text field, and says why.
 */
export function liveList(node: EditorNode, property: string, options: LiveListOptions): JQuery {
  const message = note(node, property);
  let readFor = '';
  let reading: Promise<ListItem[]> | undefined;

  const asked = (): Asked | null | undefined => (options.from ? options.from() : chosenConnection(node));
  const nameOf = (application: Asked['application']): string | undefined => {
    const { what } = options;
    if (typeof what === 'string' || what === undefined || application === 'media-server')
      return typeof what === 'string' ? what : undefined;
    return typeof what === 'function' ? what(application) : what[application];
  };
  /** what is asked, in one text: other answers are not for this field any more */
  const questionOf = (chosen: Asked | null | undefined): string =>
    JSON.stringify([chosen, chosen && nameOf(chosen.application), options.of?.()]);
  const read = async (chosen: Asked | null | undefined): Promise<ListItem[]> => {
    if (options.items) return options.items;
    if (chosen === undefined) return [];
    if (!chosen) {
      message.say('fault', text(node, 'common.list.noConnection'));
      return [];
    }
    const { application, settings } = chosen;
    const what = nameOf(application);
    message.say('', what ? text(node, 'common.list.reading') : '');
    if (!what) return [];
    const question = questionOf(chosen);
    const of = options.of?.();
    const answer = await post<{ items: ListItem[] }>(node, `${application}/list`, { settings, what, of });
    // another one was chosen meanwhile, and that list is being read
    if (readFor !== question) return answer.ok ? answer.items : [];
    if (!answer.ok) {
      message.say('fault', text(node, 'common.list.failed', { reason: answer.message }));
      readFor = '';
      return [];
    }
    message.say('', answer.items.length === 0 ? text(node, 'common.list.empty') : '');
    return answer.items;
  };
  const load = (again: boolean): Promise<ListItem[]> => {
    const chosen = asked();
    const wanted = questionOf(chosen);
    if (again || !reading || readFor !== wanted) {
      readFor = wanted;
      reading = read(chosen);
    }
    return reading;
  };

  // what was said of one connection is not true of another
  for (const property of ['application', 'obs', 'vmix', 'ingest', 'source', 'server'])
    field(node, property).on('change', () => message.say('', ''));

  const { several } = options;
  // a comma would end the name
  const written = (value: string) => (several === 'names' && value.includes(',') ? `"${value}"` : value);
  const complete = (typed: string, done: (matches: { value: string; label: string }[]) => void): void => {
    const [kept, name] = lastName(typed, several);
    void load(false).then((items) => {
      const matching = items.filter(({ value, label }) =>
        `${value} ${label ?? ''}`.toLowerCase().includes(name.toLowerCase()),
      );
      // the exact name first: Enter takes the first
      matching.sort((one, other) => Number(other.value === name) - Number(one.value === name));
      done(matching.map(({ value, label }) => ({ value: kept + written(value), label: label ?? value })));
    });
  };

  const input = field(node, property);
  const set = (value: string): void => {
    input.typedInput('value', value);
    input.trigger('change');
  };
  const showAll = async (): Promise<void> => {
    const items = await load(!options.items);
    if (items.length === 0 || !input[0]?.isConnected) return;
    const box = input.next('.red-ui-typedInput-container');
    const before = input.typedInput('value');
    const [rest, last] = lastName(before, several);
    // a whole name stays, what was only begun is replaced
    const isWhole = several === 'names' && items.some(({ value }) => written(value) === last.trim());
    const kept = isWhole ? `${before.trim()}, ` : rest;
    const isThere = (value: string) => isWhole && `, ${before.trim()},`.includes(`, ${written(value)},`);
    const menu = RED.popover.menu({
      options: items.map(({ value, label }) => ({ value, label: label ?? value })),
      width: Math.max(300, box.width() ?? 0),
      maxHeight: 240,
      class: 'red-ui-autoComplete-container live-list',
      tabSelect: true,
      onselect: ({ value }) => set(isThere(value) ? before : kept + written(value)),
      onclose: () => void box.find('input').first().trigger('focus'),
    });
    menu.show({ target: box });
    setTimeout(() => $('.live-list:visible a').first().trigger('focus'), 120);
  };

  const list: TypedInputType = {
    value: 'str',
    ...(options.types ? { label: text(node, 'common.list.name'), icon: 'red/images/typedInput/az.svg' } : {}),
    autoComplete: complete,
    expand: Object.assign(() => void showAll(), { icon: 'fa-list-ul' }),
  };
  input.typedInput({
    types: [list, ...(options.types ?? [])],
    ...(options.types ? { typeField: field(node, `${property}Type`) } : {}),
  });
  const box = input.next('.red-ui-typedInput-container');
  box
    .find('.red-ui-typedInput-option-expand')
    .attr('aria-label', text(node, 'common.list.show'))
    .attr('title', text(node, 'common.list.show'));
  const isName = () => !options.types || input.typedInput('type') === 'str';
  const inner = box.find('input.red-ui-typedInput-input');
  inner.on('focus', () => void (isName() && load(false)));
  // the completion puts the chosen name there without telling anyone
  inner.on('keydown', (event) => {
    if (event.key === 'Enter' || event.key === 'Tab') setTimeout(() => inner.trigger('change'));
  });
  input.on('change', () => {
    if (!isName()) message.say('', '');
  });
  return input;
}
