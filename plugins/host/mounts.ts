export interface Mount {
  readonly device: string;
  readonly mountpoint: string;
  readonly fstype: string;
  readonly readonly: boolean;
}

/** Reads the text of /proc/mounts; where several are mounted at one place, the last one is the one that is seen. */
export function parseMounts(text: string): Mount[] {
  const mounts = new Map<string, Mount>();
  for (const line of text.split('\n')) {
    const [device, mountpoint, fstype, options] = line.split(' ');
    if (!device || !mountpoint || !fstype) continue;
    mounts.set(mountpoint, {
      device: unescaped(device),
      mountpoint: unescaped(mountpoint),
      fstype,
      readonly: options?.split(',').includes('ro') ?? false,
    });
  }
  return [...mounts.values()];
}

/** procfs writes blanks, newlines and backslashes in names as octal numbers. */
function unescaped(name: string): string {
  return name.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
