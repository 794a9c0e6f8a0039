import { contains } from './chaos.ts';
import { hangs } from './faults/hangs.ts';

contains(hangs);
