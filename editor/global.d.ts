/** What the dialogs use of Node-RED's editor; @types/node-red lacks reasons in validators, labels and config filters. */

interface EditorNode {
  id: string;
  type: string;
  name?: string;
  credentials?: Record<string, unknown>;
  _def: {
    category: string;
    defaults: Record<string, NodeProperty>;
    _(key: string, values?: object): string;
  };
  [property: string]: unknown;
}

/** `true` when the value will do, else the reason in words (or false). */
type Verdict = true | false | string;

interface NodeProperty {
  value: unknown;
  type?: string;
  required?: boolean;
  label?: string;
  validate?(this: EditorNode, value: unknown, options: { label?: string }): Verdict;
}

interface NodeCredential {
  type: 'text' | 'password';
  validate?(this: EditorNode, value: unknown, options: { label?: string }): Verdict;
}

interface NodeDefinition {
  category: string;
  color?: string;
  defaults: Record<string, NodeProperty>;
  credentials?: Record<string, NodeCredential>;
  icon: string;
  inputs?: number;
  outputs?: number;
  label(this: EditorNode): string;
  paletteLabel: string;
  labelStyle?(this: EditorNode): string;
  inputLabels?: string | string[] | ((this: EditorNode, index: number) => string);
  outputLabels?: string | string[] | ((this: EditorNode, index: number) => string);
  oneditprepare?(this: EditorNode): void;
  oneditsave?(this: EditorNode): void;
  oneditcancel?(this: EditorNode): void;
  oneditresize?(this: EditorNode, size: { width: number; height: number }): void;
}

interface MenuEntry {
  value: string;
  label: string;
}

interface EditorMenu {
  show(options: { target: JQuery; offset?: [number, number] }): void;
  hide(cancelled?: boolean): void;
}

interface EditorTabs {
  addTab(tab: { id: string; label: string }): void;
  activateTab(id: string): void;
}

interface NotifyOptions {
  type?: string;
  modal?: boolean;
  fixed?: boolean;
  buttons?: { text: string; class?: string; click(): void }[];
}

interface EditorNotification {
  close(): void;
}

declare const RED: {
  _(key: string, values?: object): string;
  nodes: {
    registerType(type: string, definition: NodeDefinition): void;
    node(id: string): EditorNode | null | undefined;
    getType(type: string): EditorNode['_def'] | undefined;
    eachConfig(callback: (node: EditorNode) => void): void;
  };
  editor: { getEditStack(): EditorNode[] };
  events: { on(event: string, listener: (node: EditorNode) => void): void };
  plugins: { registerPlugin(id: string, definition: { type: string; onadd(): void }): void };
  sidebar: {
    addTab(tab: {
      id: string;
      label: string;
      name: string;
      content: HTMLElement;
      iconClass: string;
      enableOnEdit: boolean;
      action?: string;
    }): void;
    removeTab(id: string): void;
    show(id: string): void;
  };
  actions: { add(name: string, run: () => void, options?: { label: string }): void };
  notify(text: string | Node, options: NotifyOptions): EditorNotification;
  clipboard: { copyText(value: string, element?: JQuery, msg?: string): unknown };
  tabs: {
    create(options: { element: JQuery; onchange(tab: { id: string }): void }): EditorTabs;
  };
  popover: {
    menu(options: {
      options: MenuEntry[];
      width?: number;
      maxHeight?: number;
      class?: string;
      tabSelect?: boolean;
      onselect(entry: MenuEntry): void;
      onclose?(cancelled?: boolean): void;
    }): EditorMenu;
    tooltip(target: JQuery, text: string): unknown;
  };
};

interface TypedInputType {
  value: string;
  label?: string;
  icon?: string;
  hasValue?: boolean;
  options?: { value: string; label: string }[];
  autoComplete?(value: string, done: (matches: { value: string; label: string | JQuery }[]) => void): void;
  expand?: (() => void) & { icon?: string };
}

interface EditableListOptions<Row> {
  addItem(row: JQuery, index: number, data: Row): void;
  removable?: boolean;
  sortable?: boolean;
  height?: number | 'auto';
  addButton?: string | boolean;
}

// a second shape beside @types/node-red's own, which knows neither autoComplete nor expand
interface JQuery {
  typedInput(options: { types: (string | TypedInputType)[]; typeField?: JQuery; default?: string }): JQuery;
  typedInput(action: 'value' | 'type'): string;
  typedInput(action: 'value' | 'type', value: string): void;
  typedInput(action: 'width', value: string | number): void;
  typedInput(action: 'types', types: (string | TypedInputType)[]): void;
  editableList<Row>(options: EditableListOptions<Row>): JQuery;
  editableList(action: 'addItem', data: object): void;
  editableList(action: 'items'): JQuery;
  i18n(): JQuery;
}

declare const liveProduction: typeof import('./index');
