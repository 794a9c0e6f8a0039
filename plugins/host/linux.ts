import type { PartName } from './config.ts';
import { cpu } from './cpu.ts';
import { disk } from './disk.ts';
import { filefd } from './filefd.ts';
import { filesystem } from './filesystem.ts';
import { load } from './load.ts';
import { memory } from './memory.ts';
import { network } from './network.ts';
import type { Part } from './part.ts';
import { pressure } from './pressure.ts';
import { system } from './system.ts';
import { uname } from './uname.ts';
import { vmstat } from './vmstat.ts';

export const LINUX_PARTS: Record<PartName, Part> = {
  cpu,
  memory,
  load,
  filesystem,
  network,
  disk,
  system,
  uname,
  filefd,
  pressure,
  vmstat,
};
