// Plain aligned text: the first column to the left, the others to the right.

/** `rows` are lists of strings and numbers, the first one the heading. */
export function formatTable(rows) {
  const texts = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? formatNumber(cell) : String(cell))));
  const widths = texts[0].map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  const lines = texts.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '));
  return lines.map((line) => `  ${line.trimEnd()}\n`).join('');
}

/** Three significant digits, all of those before the point. */
export function formatNumber(value) {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
