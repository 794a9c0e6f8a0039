/** What a day, a time or a number may look like in a name: `1`, `20260105`, `2026-01-05T10-00-00.000`. */
const STAMP = '\\d[\\dTZ:._-]*';
/** `app.log.1`, `app.log-20260105`, `app.log.old`. */
const BEHIND = new RegExp(`^(.+?)(?:[._-]${STAMP}|[._-](?:old|bak|prev)|~)$`);
/** `app-20260105.log`; a short number there (`app-2.log`) is rather another instance. */
const BEFORE_EXTENSION = new RegExp(`^(.+?)[._-](?=(?:[TZ:._-]*\\d){6})${STAMP}(\\.[A-Za-z]+)$`);
const PACKED = /^(.+)\.(?:gz|zst|br)$/;

/** It can be unpacked here, if its name says what it holds. */
export const isArchive = (name: string): boolean => PACKED.test(name);

/** The names that a file can have had before it was rotated to `name`, the likeliest last. */
export function originalsOf(name: string): string[] {
  const plain = PACKED.exec(name)?.[1];
  const stamped = plain ?? name;
  const behind = BEHIND.exec(stamped)?.[1];
  const before = BEFORE_EXTENSION.exec(stamped);
  return [plain, before?.[1] && `${before[1]}${before[2]}`, behind].filter(
    (original) => original !== undefined,
  );
}
