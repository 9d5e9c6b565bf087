// The Action's entry, bundled into dist/action.cjs by src/build/build.mjs: one file that is program and scanning thread.
const { isMainThread } = require('node:worker_threads');

if (isMainThread) require('../src/cli/action-main.ts').main(__filename);
else require('../src/engine/worker.ts');
