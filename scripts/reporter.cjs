// Readable on the terminal, and a file with the figures for the sum of all rings.
'use strict';
const { mkdirSync, writeFileSync } = require('node:fs');
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
