import { contains } from './chaos.ts';
import { eats } from './faults/eats.ts';

contains(eats);
