/** One line on stderr: stdout belongs to the page's URL. */
export function say(line: string): void {
  process.stderr.write(`quickstart: ${line}\n`);
}

export const reasonOf = (error: unknown): string => {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || String(error);
};
