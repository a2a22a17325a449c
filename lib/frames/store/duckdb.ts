/** DuckDB, where it is installed: in memory only, one for the process, loaded when it is first needed. */
import { reasonOf } from '../../durable/files';

/** What of the package is used here; it need not be installed, so its types are not imported. */
interface DuckConnection {
  run(sql: string, values?: Record<string, unknown>): Promise<unknown>;
  runAndReadAll(sql: string, values?: Record<string, unknown>): Promise<{ getRowObjectsJS(): unknown[] }>;
}
interface DuckModule {
  DuckDBInstance: {
    create(path: string, options: Record<string, string>): Promise<{ connect(): Promise<DuckConnection> }>;
  };
}

/** A question takes a part of one processor and little memory, beside a show. */
const OPTIONS = {
  threads: '2',
  memory_limit: '512MB',
  temp_directory: '',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
};

export interface Duck {
  /** Rows as objects. @throws what DuckDB says */
  rows(sql: string, values?: Record<string, unknown>): Promise<Record<string, unknown>[]>;
}

let opened: Promise<Duck> | null = null;

/** Load the package by its name, from where Node-RED finds it. */
export async function loadDuckdb(name = '@duckdb/node-api'): Promise<Duck> {
  const { DuckDBInstance } = (await import(name)) as DuckModule;
  const connection = await (await DuckDBInstance.create(':memory:', OPTIONS)).connect();
  return {
    rows: async (sql, values) =>
      (await connection.runAndReadAll(sql, values)).getRowObjectsJS() as Record<string, unknown>[],
  };
}

/** The one DuckDB of the process. @throws what says why there is none; asked again, it says the same */
export function duckdb(): Promise<Duck> {
  return (opened ??= loadDuckdb());
}

/** Why there is no DuckDB, in words. */
export function whyNoDuckdb(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND')
    return 'the npm package @duckdb/node-api is not installed';
  return `it cannot be used here (${reasonOf(error).split('\n')[0]!.slice(0, 200)})`;
}
