import { contains } from './chaos.ts';
import { ends } from './faults/ends.ts';

contains(ends);
