// Readable on the terminal, and a file with the figures for the sum of all rings.
'use strict';
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { dirname } = require('node:path');
const Mocha = require('mocha');

const { EVENT_RUN_END, EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Mocha.Runner.constants;

module.exports = class Reporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const result = { passed: [], failed: [], skipped: [], notApplicable: [] };
    runner.on(EVENT_TEST_PASS, (test) =>
      result.passed.push({ title: test.fullTitle(), durationMs: test.duration ?? 0 }),
    );
    runner.on(EVENT_TEST_FAIL, (test, error) =>
      result.failed.push({ title: test.fullTitle(), message: String(error?.message ?? error) }),
    );
    runner.on(EVENT_TEST_PENDING, (test) => {
      const marks = markOf(test);
      const entry = { title: test.fullTitle(), reason: marks.notApplicable ?? marks.skippedBecause ?? '' };
      (marks.notApplicable ? result.notApplicable : result.skipped).push(entry);
    });
    runner.once(EVENT_RUN_END, () => {
      const file = process.env.LIVE_RESULTS;
      if (!file) return;
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(result, null, 1));
      process.once('exit', () =>
        writeFileSync(file, JSON.stringify({ ...result, computed: computed() }, null, 1)),
      );
      // says what keeps the process from ending, where it does not end by itself
      setTimeout(() => {
        console.error(
          `still held open by: ${process.getActiveResourcesInfo().join(', ') || 'nothing known'}`,
        );
      }, 5000).unref();
    });
  }
};

/** A suite-wide hook may have been what skipped: then its mark counts for the tests inside. */
function markOf(test) {
  if (test.notApplicable || test.skippedBecause) return test;
  for (let suite = test.parent; suite; suite = suite.parent) {
    const hook = [...suite._beforeAll, ...suite._beforeEach].find(
      (one) => one.notApplicable || one.skippedBecause,
    );
    if (hook) return hook;
  }
  return {};
}

/** Seconds that a core was busy for this process, and on Linux for the programs it started that have ended. */
function computed() {
  try {
    const [, fields] = /^.*\) (.*)$/s.exec(readFileSync('/proc/self/stat', 'latin1'));
    // utime, stime, and both of the children, in ticks of 10 ms
    return (
      fields
        .split(' ')
        .slice(11, 15)
        .map(Number)
        .reduce((sum, ticks) => sum + ticks, 0) / 100
    );
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
}
