import { contains } from './chaos.ts';
import { tampers } from './faults/tampers.ts';

contains(tampers);
