#!/usr/bin/env node
import { EXIT } from './arguments';
import { run } from './run';
import { processTerminal } from './terminal';

const terminal = processTerminal((error) => {
  process.exitCode = EXIT.usage;
  void terminal.error(`the output could not be written: ${error.message}`);
});
void run(process.argv.slice(2), terminal).then((status) => {
  // what was found on the way out counts more
  process.exitCode ??= status;
});
