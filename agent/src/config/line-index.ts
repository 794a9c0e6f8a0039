/** Where the offsets of a text are: lines and columns from 1. */
export function lineIndex(text: string): (offset: number) => [line: number, column: number] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    const inside = Math.min(Math.max(offset, 0), text.length);
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= inside) low = middle;
      else high = middle;
    }
    return [low + 1, inside - (starts[low] ?? 0) + 1];
  };
}
