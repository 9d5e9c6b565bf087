// Preloaded into a measured process: writes what it used when it ends. Its threads are counted, git processes that it starts are not.
const { writeFileSync } = require('node:fs');

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeFileSync(
    process.env.BENCH_USAGE_FILE,
    JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, memoryMb: (maxRSS * 1024) / 1e6 }),
  );
});
